"""Old rows go by themselves, and the dashboard does not notice."""

import uuid
from datetime import UTC, datetime, time, timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from knowledge import ingestion
from knowledge.models import Asked, Cited, Gap
from personas import retention as batches
from tests.voice.months import Month
from voice import retention, tasks
from voice.figures import days
from voice.figures.board import Board, Period
from voice.models import (
    Alert,
    Attempt,
    Command,
    Conversation,
    DayFigures,
    Delivery,
    Session,
    Silence,
    ToolCall,
    Turn,
    Visit,
)
from voice.models.figures import Channel

pytestmark = pytest.mark.django_db
BEGAN, LENGTH = 45, 8  # days ago, and days of traffic: all of it is older than what is kept
COUNTED = (ToolCall, Attempt, Asked, Cited, Visit)
KEPT = (Conversation, Session, Turn)


@pytest.fixture(autouse=True)
def kept(settings):
    names = ("LOOKUPS", "STARTS", "REPORTS", "ALERTS", "VERSIONS")
    for name in names:
        setattr(settings, f"KEEP_{name}_DAYS", 30)


@pytest.fixture
def month(make_persona):
    """Traffic of a week; what was asked in vain was set aside."""
    personas = [make_persona(name=f"Advisor {number}") for number in range(2)]
    document = ingestion.receive(personas[0], "Paper", text="The ferry leaves at nine.")
    month = Month(personas, [document], threads=40, days=LENGTH, start=midnight(BEGAN)).save()
    gap = Gap.objects.create(persona=personas[0], question="What?", key="what", status=Gap.Status.DISMISSED)
    Asked.objects.filter(found=False).update(gap=gap)
    return month


def midnight(ago):
    return datetime.combine(timezone.now().date() - timedelta(days=ago), time.min, UTC)


def told(personas):
    """All that the dashboard says: of all and of each persona, by every channel, day by day."""
    first = midnight(BEGAN + 1).date()
    boards = {}
    for persona in (None, *personas):
        for channel in ("", *Channel.values):
            period = Period(first, first + timedelta(days=LENGTH + 3), persona, channel)
            board = Board.read(period, daily=True)
            boards[persona, channel] = board.sum.as_json(), {day: one.as_json() for day, one in board.steps.items()}
    return boards


def counts(models):
    return {model.__name__: model.objects.count() for model in models}


def test_rows_go_and_every_figure_stays(month):
    days.keep_open()
    figures, kept = told(month.personas), counts(KEPT)
    gone = retention.run()
    assert told(month.personas) == figures
    assert not any(counts(COUNTED).values())
    assert counts(KEPT) == kept
    assert gone["tool calls"] == len(month.rows[ToolCall]) and gone["questions"] == len(month.rows[Asked])


def test_figures_that_nobody_made_are_made_before_the_rows_go(month):
    for number in range(LENGTH + 2):
        days.keep(midnight(BEGAN - number).date())
    figures = told(month.personas)
    DayFigures.objects.all().delete()
    retention.run()
    assert not any(counts(COUNTED).values())
    assert told(month.personas) == figures


def test_figures_from_before_their_day_was_over_are_made_anew_first(month):
    days.keep_open()
    figures, half = told(month.personas), midnight(BEGAN - 4).date()
    DayFigures.objects.filter(day=half).update(figures={}, made_at=midnight(BEGAN - 4) + timedelta(hours=12))
    retention.run()
    assert told(month.personas) == figures


def test_a_day_whose_rows_went_is_never_made_again(month):
    days.keep_open()
    figures = told(month.personas)
    retention.run()
    days.keep_open()
    for number in range(LENGTH):
        days.keep(midnight(BEGAN - number).date())
    assert told(month.personas) == figures


def test_more_days_than_one_run_sees_to_go_with_the_next(month, monkeypatch):
    monkeypatch.setattr(retention, "CLOSED_AT_ONCE", timedelta(days=4))
    retention.run()
    figures = told(month.personas)
    oldest = ToolCall.objects.order_by("at").values_list("at", flat=True).first()
    assert midnight(BEGAN - 4) <= oldest < midnight(BEGAN - 6)
    for _ in range(4):
        retention.run()
    assert not any(counts(COUNTED).values())
    everything = told(month.personas)
    assert all(everything[key][1][day] == step for key in figures for day, step in figures[key][1].items() if day < midnight(BEGAN - 4).date())  # fmt: skip


def test_what_is_younger_than_its_days_stays(persona):
    for at in (midnight(30), midnight(30) - timedelta(seconds=1)):
        ToolCall.objects.create(persona=persona, function="query_persona_knowledge", outcome="answered", at=at)
        Visit.objects.create(persona=persona, day=at.date())
    retention.run()
    assert [row.at for row in ToolCall.objects.all()] == [midnight(30)]
    assert [row.day for row in Visit.objects.all()] == [midnight(30).date()]


def test_nothing_goes_where_none_is_the_number_of_days(month, settings):
    for name in ("LOOKUPS", "STARTS", "REPORTS", "ALERTS", "VERSIONS"):
        setattr(settings, f"KEEP_{name}_DAYS", 0)
    before = counts(COUNTED)
    assert not any(retention.run().values())
    assert counts(COUNTED) == before


def test_no_setting_lets_rows_go_while_their_figures_may_change(persona, settings):
    settings.KEEP_STARTS_DAYS = 1
    for ago in (10, 20):
        Attempt.objects.create(persona=persona, outcome="live", at=midnight(ago))
    retention.run()
    assert [row.at for row in Attempt.objects.all()] == [midnight(10)]


def test_what_an_open_gap_is_counted_by_stays_until_it_is_settled(persona):
    gap = Gap.objects.create(persona=persona, question="May I bring my cat?", key="cat")
    for ago in (50, 45, 40):
        Asked.objects.create(persona=persona, question=gap.question, channel="typed", found=False, gap=gap, at=midnight(ago))  # fmt: skip
    Asked.objects.create(persona=persona, question="Not gathered yet?", channel="typed", found=False, at=midnight(42))
    retention.run()
    assert Gap.objects.counted().get().count == 3 and Asked.objects.count() == 4
    Gap.objects.update(status=Gap.Status.DISMISSED)
    retention.run()
    assert [row.question for row in Asked.objects.all()] == ["Not gathered yet?"]


def test_old_reports_commands_alerts_and_silences_go_and_open_alerts_stay(session):
    old, new = midnight(40), midnight(20)
    for at in (old, new):
        Delivery.objects.create(kind="post_call_transcription", subject=uuid.uuid4().hex, digest="0", body="{}", received_at=at)  # fmt: skip
        Command.objects.create(session=session, key=at.isoformat(), name="repeat", at=at)
        Alert.objects.create(kind=Alert.Kind.DISK, words="Full.", since=old, over_at=at)
        Silence.objects.create(begins_at=old - timedelta(days=1), ends_at=at, why="Moved.")
    Alert.objects.create(kind=Alert.Kind.DISK, words="Still full.", since=midnight(400))
    tasks.let_old_rows_go()
    assert [row.received_at for row in Delivery.objects.all()] == [new]
    assert [row.at for row in Command.objects.all()] == [new]
    assert {row.over_at for row in Alert.objects.all()} == {None, new}
    assert [row.ends_at for row in Silence.objects.all()] == [new]


def test_what_the_admin_keeps_of_itself_goes_with_the_audit_log(admin_user, settings):
    settings.AUDIT_DAYS = 30
    for ago in (40, 20):
        LogEntry.objects.create(
            user=admin_user, action_flag=CHANGE, object_repr=f"{ago} days ago", action_time=midnight(ago)
        )
    assert retention.run()["entries of the admin"] == 1
    assert LogEntry.objects.get().object_repr == "20 days ago"


def test_only_a_few_rows_go_in_one_transaction(month, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 7)
    days.keep_open()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        retention.run()
    deleted = [query["sql"] for query in captured if query["sql"].startswith('DELETE FROM "voice_toolcall"')]
    assert len(deleted) >= len(month.rows[ToolCall]) / 7
    assert not ToolCall.objects.exists()


def test_a_run_out_of_time_leaves_the_rest_to_the_next(month, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 5)
    retention.run(seconds=0)
    assert ToolCall.objects.count() == len(month.rows[ToolCall])
    retention.run()
    assert not ToolCall.objects.exists()
