"""What calls used, added up by day and month: always what the rows themselves add up to."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from threading import Thread

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from voice import conversations, history, ledger, minutes, tasks
from voice.models import Allowance, Conversation, Session, Used

pytestmark = pytest.mark.django_db
# What may happen to calls: a number says to which one, and how long it was or how long ago.
HAPPEN = ("begins", "ends", "reported", "deleted", "removed by staff", "signed in", "moved", "written down")
EVENTS = st.lists(st.tuples(st.sampled_from(HAPPEN), st.integers(0, 40 * 86_400)), min_size=5, max_size=25)


@pytest.fixture
def limited(persona):
    """A persona and a group whose minutes are counted, and one of its people."""
    anna, pilots = User.objects.create_user("anna"), Group.objects.create(name="Pilots")
    anna.groups.add(pilots)
    for of in ("persona", "group"):
        for per in ("day", "month"):
            Allowance.objects.create(of=of, per=per, minutes=100_000)
    return persona, anna


def call(persona, at=None, user=None, **fields):
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4(), user=user)
    return Session.objects.create(
        conversation=thread, elevenlabs_conversation_id=uuid.uuid4().hex, started_at=at or timezone.now(), **fields
    )


def left(persona, user):
    """{(of whom, in what time): seconds left} by way of the sums."""
    pools = minutes._pools(user, uuid.uuid4(), persona)
    return {(one.of, one.per): one.seconds for pool in pools for one in minutes._left_of(*pool, None)}


def left_by_the_rows(persona, user):
    """The same when nothing was ever written down."""
    with transaction.atomic():
        Session.objects.update(counted_seconds=None)
        Used.objects.all().delete()
        found = left(persona, user)
        transaction.set_rollback(True)
    return found


def happen(what, number, persona, user):
    if what == "begins":
        at = timezone.now() - timedelta(seconds=number)
        call(persona, at, user if number % 2 else None, seen_at=at)
        return
    calls = list(Session.objects.order_by("pk"))
    one = calls[number % len(calls)] if calls else call(persona)
    rows = Session.objects.filter(pk=one.pk)
    if what == "written down":
        ledger.write_down()
    elif what == "ends":
        rows.filter(ended_at=None).update(ended_at=one.started_at + timedelta(seconds=number % 600))
    elif what == "reported":
        rows.update(duration_secs=number % 600, reported_at=timezone.now())
    elif what == "deleted":
        history.delete(one.conversation)
    elif what == "removed by staff":
        one.conversation.delete()
    elif what == "signed in":
        conversations.belong(one.conversation, user)
    elif what == "moved":
        ledger.take_back(rows)
        rows.update(started_at=timezone.now() - timedelta(seconds=number))


FEW = {"deadline": None, "phases": [Phase.generate], "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=12, **FEW)
@given(EVENTS)
def test_whatever_happens_the_sums_are_what_the_rows_add_up_to(limited, events):
    with transaction.atomic():
        for what, number in events:
            happen(what, number, *limited)
            assert left(*limited) == left_by_the_rows(*limited), what
        transaction.set_rollback(True)


def test_a_report_that_is_written_down_is_read_from_the_sums_alone(limited):
    persona, anna = limited
    call(persona, user=anna, duration_secs=90)
    ledger.write_down()
    assert not Session.objects.not_written_down().exists()
    assert sorted(Used.objects.values_list("per", "seconds")) == [
        ("day", 90),
        ("day", 90),
        ("month", 90),
        ("month", 90),
    ]
    assert left(persona, anna)["group", "day"] == 6_000_000 - 90


def test_a_second_report_with_other_seconds_counts_at_once_and_when_it_is_written_down(limited):
    persona, anna = limited
    one = call(persona, user=anna, duration_secs=90)
    ledger.write_down()
    for seconds in (100, 70):
        Session.objects.filter(pk=one.pk).update(duration_secs=seconds)
        assert set(left(persona, anna).values()) == {6_000_000 - seconds}
        assert ledger.write_down() == 1
        assert set(left(persona, anna).values()) == {6_000_000 - seconds}


def test_a_persona_goes_with_its_sums(limited):
    persona, anna = limited
    call(persona, user=anna, duration_secs=90)
    call(persona, timezone.now() - timedelta(days=70), anna, duration_secs=90, counted_seconds=90)
    ledger.write_down()
    persona.delete()
    assert not Used.objects.exclude(seconds=0).exists()


def test_a_thread_that_is_deleted_after_it_was_written_down_keeps_its_minutes(limited):
    persona, anna = limited
    one = call(persona, user=anna, duration_secs=90)
    ledger.write_down()
    history.delete(one.conversation)
    assert not Used.objects.exclude(seconds=0).exists()
    assert set(left(persona, anna).values()) == {6_000_000 - 90}


@pytest.mark.parametrize(
    ("moment", "day", "month"),
    [
        ("2026-10-31T22:59:59+00:00", "2026-10-31T00:00:00+01:00", "2026-10-01T00:00:00+02:00"),
        ("2026-10-31T23:00:00+00:00", "2026-11-01T00:00:00+01:00", "2026-11-01T00:00:00+01:00"),
        ("2026-10-25T12:00:00+00:00", "2026-10-25T00:00:00+02:00", "2026-10-01T00:00:00+02:00"),
    ],
)
def test_a_call_belongs_to_the_day_and_month_of_the_sites_own_clock(limited, settings, moment, day, month):
    settings.TIME_ZONE = "Europe/Berlin"
    spans = {"day": datetime.fromisoformat(day), "month": datetime.fromisoformat(month)}
    assert ledger.spans(datetime.fromisoformat(moment)) == spans


def test_sums_that_no_allowance_looks_at_any_more_go(limited):
    persona, anna = limited
    call(persona, user=anna, duration_secs=90)
    ledger.write_down()
    minutes.forget_old()
    assert Used.objects.count() == 4
    Used.objects.update(begins_at=timezone.now() - timedelta(days=63))
    minutes.forget_old()
    assert not Used.objects.exists()


def test_the_clock_has_reports_written_down(limited, settings):
    persona, anna = limited
    call(persona, user=anna, duration_secs=90)
    assert "voice.tasks.write_minutes_down" in {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    tasks.write_minutes_down()
    assert Used.objects.exists()


def at_once(*works):
    """Each in a thread of its own; gives what went wrong."""
    failures = []

    def run(work):
        try:
            work()
        except Exception as fault:
            failures.append(fault)
        finally:
            connection.close()

    workers = [Thread(target=run, args=(work,)) for work in works]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    return failures


@pytest.mark.django_db(transaction=True)
def test_workers_that_write_down_at_once_write_every_call_down_once(limited):
    persona, anna = limited
    for number in range(30):
        call(persona, user=anna, duration_secs=number)
    assert at_once(*[ledger.write_down] * 4) == []
    assert set(Used.objects.values_list("seconds", flat=True)) == {sum(range(30))}


@pytest.mark.django_db(transaction=True)
def test_reports_that_are_corrected_while_others_are_written_down_count_once(limited):
    persona, anna = limited
    calls = [call(persona, user=anna, duration_secs=9) for _ in range(6)]

    def correct(add):
        for number, one in enumerate(calls[1:]):
            Session.objects.filter(pk=one.pk).update(duration_secs=add + number)
            ledger.write_down()

    assert at_once(partial(correct, 10), partial(correct, 20), partial(history.delete, calls[0].conversation)) == []
    ledger.write_down()
    told = sum(Session.objects.values_list("duration_secs", flat=True))
    assert set(Used.objects.values_list("seconds", flat=True)) == {told}
    assert set(left(persona, anna).values()) == {6_000_000 - told - 9}  # the deleted one, too
    assert left(persona, anna) == left_by_the_rows(persona, anna)


def test_a_start_adds_up_by_the_index_and_not_by_the_months_rows(limited):
    """The share of rows that no sum has is small; a reader of all the month's is what this replaced."""
    persona, anna = limited
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4(), user=anna)
    Session.objects.bulk_create(
        Session(conversation=thread, elevenlabs_conversation_id=f"conv_{n}", duration_secs=9) for n in range(2000)
    )
    ledger.write_down()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    pool = minutes._pools(anna, uuid.uuid4(), persona)[-1]
    plan = Session.objects.not_written_down().filter(started_at__gte=timezone.now() - timedelta(days=1)).explain()
    assert "session_not_written_down" in plan
    assert {one.seconds for one in minutes._left_of(*pool, None)} == {6_000_000 - 18_000}
