"""The dashboard: each figure against the raw rows of a generated month, on its page, in its file."""

import csv
import math
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from knowledge import ingestion
from knowledge.models import Asked, Cited
from tests.voice.months import Month
from voice.figures import days, drawing, errors, linking, listing, showing
from voice.figures.board import Board, Period
from voice.figures.tally import Spread, Tally
from voice.models import Attempt, Conversation, DayFigures, Session, ToolCall, Turn, Visit
from voice.models.figures import APART, Channel

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 9, 1), date(2026, 10, 1)  # a conversation may go on past the month's last midnight
ALL = Period(FIRST, LAST)


@pytest.fixture
def month(make_persona):
    personas = [make_persona(name=f"Advisor {number}") for number in range(3)]
    personas[1].extra_languages = ["de"]
    personas[1].save()
    texts = ["The ferry leaves at nine.", "The pier is closed in winter.", "Boats pay twenty euros."]
    documents = [ingestion.receive(personas[0], f"Paper {number}", text=text) for number, text in enumerate(texts)]
    for document in documents:
        ingestion.ingest(document)
    month = Month(personas, documents[:2]).save()
    days.keep_open(today=LAST)
    return month


def ours(rows, path="conversation__"):
    """Those of visitors."""
    return rows.filter(**{f"{path}elsewhere": False, f"{path}kind": "visitor"})


def looked_up_by_visitors():
    return ours(ToolCall.objects, "session__conversation__")


def asked_by_visitors():
    threads = ours(Conversation.objects, "").values_list("pk", flat=True)
    return Asked.objects.filter(thread__in=[str(pk) for pk in threads])


def test_every_count_is_that_of_the_rows(month):
    board = Board.read(ALL)
    turns, calls = ours(Turn.objects), ours(Session.objects)
    answers, attempts = turns.filter(speaker="persona"), Attempt.objects.filter(kind="visitor")
    expected = {
        "questions": turns.filter(speaker="visitor").count(),
        "answers": answers.count(),
        "useful": sum(bool(turn.citations) for turn in answers),
        "interrupted": answers.filter(interrupted=True).count(),
        "liked": answers.filter(liked=True).count(),
        "disliked": answers.filter(liked=False).count(),
        "calls": calls.count(),
        "credits": sum(call.cost_credits or 0 for call in calls.all()),
        "reported": calls.exclude(reported_at=None).count(),
        "successful": calls.filter(call_successful="success").count(),
        "pressed": attempts.filter(resumed=False).count(),
        "starts": attempts.filter(
            outcome__in=["live", "start-slow"]
        ).count(),  # the refusals of the month are busy lines
        "starts-failed": attempts.filter(outcome="start-slow").count(),
        "offered": Visit.objects.count(),
        "asked": asked_by_visitors().count(),
        "unanswered": asked_by_visitors().filter(found=False).count(),
        **{f"stars-{n}": ours(Conversation.objects, "").filter(rating=n).count() for n in (1, 2, 3, 4, 5)},
        **{f"lookups-{name}": looked_up_by_visitors().filter(outcome=name).count() for name in ToolCall.Outcome.values},
        "lookups-cached": looked_up_by_visitors().filter(cached=True).count(),
    }
    assert {name: board.count(name) for name in expected} == expected
    assert min(number for name, number in expected.items() if name != "stars-2") > 0


def test_minutes_are_the_reports_or_else_our_own_clock(month):
    expected = 0
    for call in ours(Session.objects):
        own = (call.ended_at - call.started_at).total_seconds() if call.ended_at else 0
        expected += own if call.duration_secs is None else call.duration_secs
    assert Board.read(ALL).minutes == pytest.approx(expected / 60)


def test_a_conversation_counts_once_for_each_day_and_channel(month):
    expected = {
        (turn.conversation_id, turn.at.date(), bool(turn.session))
        for turn in ours(Turn.objects).select_related("session")
    }
    assert Board.read(ALL).count("conversations") == len(expected)


def is_calm(call):
    return call.end_reason in {"user", "end-agent"} or (not call.end_reason and bool(call.status))


def test_completion_success_rating_and_cost_follow_from_the_rows(month):
    board, calls = Board.read(ALL), list(ours(Session.objects))
    completed = [one for one in calls if not one.failure and is_calm(one)]
    assert board.completion == pytest.approx(len(completed) / len(calls))
    outcomes = Counter(looked_up_by_visitors().values_list("outcome", flat=True))
    good = outcomes["answered"] + outcomes["nothing"]
    assert board.success == pytest.approx(good / (good + outcomes["fallback"]))
    stars = [one.rating for one in ours(Conversation.objects, "") if one.rating]
    assert board.rating == pytest.approx(sum(stars) / len(stars))
    credits = sum(one.cost_credits or 0 for one in calls)
    assert board.credits_per_call == pytest.approx(credits / sum(one.reported_at is not None for one in calls))
    assert board.credits_per_answer == pytest.approx(credits / outcomes["answered"])


def nearest_rank(values, part):
    return sorted(values)[math.ceil(len(values) * part) - 1]


def durations():
    rows = Attempt.objects.filter(kind="visitor")
    moments = [one.milliseconds for one in rows]
    judged = looked_up_by_visitors().exclude(outcome__in=["refused", "limited"])
    return {
        "lookup": [one.milliseconds["total"] for one in judged],
        "connected": [one["connected"] - one["allowed"] for one in moments if "connected" in one],
        "sound": [one["sound"] - one["allowed"] for one in moments if "sound" in one],
        "first-words": [pair[0] for one in rows for pair in one.answers],
        "answer": [pair[1] for one in rows for pair in one.answers],
    }


@pytest.mark.parametrize("part", [0.5, 0.95, 0.99])
def test_every_percentile_is_within_two_percent_of_the_rows(month, part):
    board, raw = Board.read(ALL), durations()
    for name, values in raw.items():
        assert board.sum.spread(name).cases == len(values) > 20
        assert board.sum.spread(name).percentile(part) == pytest.approx(nearest_rank(values, part), rel=0.021), name


def test_the_funnel_counts_each_step(month):
    board = Board.read(ALL)
    fresh = list(Attempt.objects.filter(resumed=False, kind="visitor"))
    steps = dict(board.funnel())
    assert steps["allowed"] == sum("allowed" in one.milliseconds for one in fresh)
    finished = [one for one in ours(Session.objects).filter(channel="browser", failure="") if is_calm(one)]
    assert steps["finished"] == len(finished) < board.count("completed")
    assert steps["answered"] == sum(bool(one.answers) for one in fresh)
    assert list(steps) == ["offered", "pressed", "allowed", "answered", "finished", "returned"]


def test_who_called_again_within_a_week_is_counted_on_the_day_of_their_first_call(month):
    first, expected = {}, 0
    calls = sorted(ours(Session.objects.select_related("conversation")), key=lambda one: one.started_at)
    for call in calls:
        first.setdefault(call.conversation.visitor, call.started_at.date())
    for visitor, day in first.items():
        dates = [one.started_at.date() for one in calls if one.conversation.visitor == visitor]
        expected += any(day < other <= day + timedelta(days=7) for other in dates)
    board = Board.read(ALL)
    assert (board.count("newcomers"), board.count("returned")) == (len(first), expected)
    assert expected > 0


def test_the_lists_name_what_came_most_often(month):
    board = Board.read(ALL)
    asked = Counter(asked_by_visitors().values_list("question", flat=True))
    assert dict(board.sum.top("questions", 60)) == dict(asked)
    assert board.sum.top("questions")[0][1] == max(asked.values())
    assert dict(board.sum.top("unanswered", 60)) == dict(
        Counter(asked_by_visitors().filter(found=False).values_list("question", flat=True))
    )
    cited = Counter(
        str(pk) for pk in Cited.objects.filter(asked__in=asked_by_visitors()).values_list("document_id", flat=True)
    )
    assert dict(board.sum.top("documents")) == dict(cited)


def test_a_document_that_was_never_cited_is_named(month):
    uncited = listing.lists(Board.read(ALL), ALL)["uncited"][1]
    assert [title for title, _times, _address in uncited] == ["Paper 2"]


def test_languages_are_those_in_which_conversations_were_held(month):
    expected = Counter()
    for thread, _day, _called in {
        (turn.conversation_id, turn.at.date(), bool(turn.session))
        for turn in ours(Turn.objects).select_related("session")
    }:
        expected[month.spoken[thread]] += 1
    board = Board.read(ALL)
    assert dict(board.languages) == expected
    assert sum(expected.values()) == board.count("conversations")
    assert min(expected["de"], expected["en"]) > 10


def went_wrong():
    """{(kind, name, code): [conversation ids]} of visitors' raw rows."""
    wrong = defaultdict(list)
    for one in ours(Session.objects):
        if one.failure:
            wrong["failure", "", one.failure].append(one.conversation_id)
        elif one.end_reason not in {"", "user", "end-agent"}:
            wrong["end", one.end_reason, one.termination_reason].append(one.conversation_id)
    for one in Attempt.objects.filter(kind="visitor").exclude(outcome__in=["live", "cancelled"]):
        wrong["start", one.outcome, one.detail].append(one.conversation_id)
    for one in looked_up_by_visitors().select_related("session").exclude(outcome__in=["answered", "nothing"]):
        wrong["lookup", one.outcome, one.reason].append(one.session.conversation_id)
    return wrong


def parts(error):
    return error.kind, error.name, error.code


def test_errors_are_counted_by_sentence_and_code(month):
    board = Board.read(ALL)
    kept = {parts(errors.read(key)): times for key, times in board.sum.top("errors", 99)}
    assert kept == {key: len(threads) for key, threads in went_wrong().items()}
    assert {kind for kind, *_ in kept} == {"start", "end", "failure", "lookup"}


def test_each_error_leads_to_its_conversations(staff, month):
    elsewhere = set(Conversation.objects.filter(elsewhere=True).values_list("pk", flat=True))
    for error, threads in went_wrong().items():
        found = staff.get(linking.error(errors.Error(*error), ALL)).context["cl"].queryset
        expected = set(threads) - elsewhere
        assert (error, {one.pk for one in found}) == (error, expected)


def test_errors_are_told_in_the_sentences_that_visitors_saw():
    tally = Tally()
    for key in (
        "start|refused|busy",
        "start|start-slow|",
        "end|end-dropped|1006",
        "lookup|fallback|database away",
        "failure||No line.",
    ):
        tally.named("errors", key)
    told = [(str(one.where), str(one.sentence), one.code) for one in listing.wrong(Board({FIRST: tally}), ALL)]
    dropped = "The connection broke off. Nothing said is lost: press Talk to call again, or go on typing."
    slow = "The call could not be connected in time. Press Talk to try again, or go on typing."
    assert told == [
        ("In the call", dropped, "1006"),
        ("Set-up at ElevenLabs", "", "No line."),
        ("Tool call", "Fallback after a fault", "database away"),
        ("Start", "All lines were taken.", "busy"),
        ("Start", slow, ""),
    ]


def test_a_reason_that_a_page_made_up_is_no_name_of_an_error():
    call = Session(end_reason="<b>1|2</b>", termination_reason="Client disconnected: 1006")
    assert parts(errors.read(errors.of_call(call))) == ("end", "other", "Client disconnected: 1006")
    assert errors.of_call(Session(status="", end_reason="")) is None


def test_months_hold_what_their_days_hold():
    period = quiet_days(93)
    found = listing.months(Board.read(period), period)
    assert [(one.first.day, one.last.day, one.last.month) for one, _counts in found] == [
        (1, 30, 9), (1, 31, 10), (1, 30, 11), (1, 2, 12),
    ]  # fmt: skip
    assert [counts["calls"] for _one, counts in found] == [
        sum(range(30)), sum(range(30, 61)), sum(range(61, 91)), 91 + 92,
    ]  # fmt: skip


def test_costs_are_in_credits_and_in_money_once_a_credit_has_a_price(staff, month, settings):
    board = Board.read(ALL)
    page = staff.get("/staff/voice/", at()).content.decode()
    assert f">{board.credits_per_call:.1f}</a>" in page
    assert "USD" not in page
    settings.CREDIT_PRICE = 0.01
    page = staff.get("/staff/voice/", at()).content.decode()
    assert f">{board.credits_per_call:.1f} · {board.credits_per_call * 0.01:.2f} USD</a>" in page
    assert f"· {board.credits_per_answer * 0.01:.2f} USD<" in page
    assert "Cost of a call and of a useful answer <span>(USD)</span>" in page


def test_personas_channels_and_days_add_up_to_the_whole(month):
    whole = Board.read(ALL).sum.counts
    by_persona, by_channel, by_day = Counter(), Counter(), Counter()
    for persona in month.personas:
        by_persona.update(Board.read(Period(FIRST, LAST, persona)).sum.counts)
    for channel in set(Channel.values) - APART:
        by_channel.update(Board.read(Period(FIRST, LAST, None, channel)).sum.counts)
    for day in ALL.days:
        by_day.update(Board.read(Period(day, day)).sum.counts)
    assert by_persona == by_channel == by_day == whole


@pytest.mark.parametrize("channel", sorted(APART))
def test_what_staff_and_rehearsals_do_is_counted_apart_and_in_no_sum(month, channel):
    staff = Q(conversation__elsewhere=True) | Q(conversation__kind="staff")
    theirs = staff if channel == "staff" else Q(conversation__elsewhere=False, conversation__kind="rehearsal")
    apart = Board.read(Period(FIRST, LAST, None, channel))
    calls, turns = Session.objects.filter(theirs), Turn.objects.filter(theirs)
    assert apart.count("calls") == calls.count() > 0
    assert apart.count("credits") == sum(call.cost_credits or 0 for call in calls)
    assert apart.count("questions") == turns.filter(speaker="visitor").count()
    assert apart.count("pressed") == Attempt.objects.filter(kind=channel, resumed=False).count() > 0
    assert apart.count("asked") == turns.filter(speaker="visitor").count()
    assert apart.count("offered") == apart.count("newcomers") == 0


def test_what_is_asked_by_phone_is_counted_by_phone(month):
    phoned = ours(Session.objects).filter(channel="phone").values_list("conversation_id", flat=True)
    expected = Asked.objects.filter(thread__in=[str(pk) for pk in phoned])
    phone = Board.read(Period(FIRST, LAST, None, "phone"))
    assert phone.count("asked") == expected.count() > 0
    assert phone.sum.lists["documents"].total() == Cited.objects.filter(asked__in=expected).count()


def test_days_in_which_less_was_counted_are_made_again_in_small_steps(month):
    DayFigures.objects.update(version=1)
    day = DayFigures.objects.get(day="2026-09-20", persona=None, channel="")
    DayFigures.objects.filter(pk=day.pk).update(figures={})
    kept = sorted(set(DayFigures.objects.values_list("day", flat=True)))
    assert days.renew(most=3) == 3
    assert sorted(set(DayFigures.objects.filter(version=1).values_list("day", flat=True))) == kept[:-3]
    while days.renew():
        pass
    assert DayFigures.objects.get(day="2026-09-20", persona=None, channel="").figures == day.figures


def test_days_whose_rows_were_deleted_since_stay_as_they_were_counted(month):
    before = Board.read(Period(FIRST, date(2026, 9, 10))).sum
    Conversation.objects.filter(started_at__date__lte=date(2026, 9, 10)).delete()
    DayFigures.objects.update(version=1)
    while days.renew():
        pass
    assert Board.read(Period(FIRST, date(2026, 9, 10))).sum == before


def test_making_a_day_anew_changes_nothing_and_takes_in_what_came_late(month):
    before = Board.read(ALL).sum.counts
    days.keep(FIRST)
    assert Board.read(ALL).sum.counts == before
    session = (
        Session.objects.filter(conversation__elsewhere=False, conversation__kind="visitor", cost_credits=None)
        .order_by("started_at")
        .first()
    )
    Session.objects.filter(pk=session.pk).update(cost_credits=1000, reported_at=session.started_at)
    days.keep(session.started_at.date())
    assert Board.read(ALL).count("credits") == before["credits"] + 1000


def test_days_before_the_last_week_are_not_made_again_unless_they_are_missing(month):
    DayFigures.objects.filter(day=FIRST + timedelta(days=1)).delete()
    kept = DayFigures.objects.get(day=FIRST, persona=month.personas[0], channel="browser")
    days.keep_open(today=LAST)
    assert DayFigures.objects.filter(day=FIRST + timedelta(days=1)).exists()
    assert DayFigures.objects.get(pk=kept.pk).made_at == kept.made_at


def test_a_tally_survives_being_kept():
    tally = Tally()
    tally.counts["calls"] = 3
    tally.took("lookup", 12.5)
    tally.named("questions", "Why?", 2)
    assert Tally.of(tally.as_json()) == tally


@pytest.mark.parametrize("value", [0, 0.4, 1, 17, 999, 86_400_000])
def test_a_duration_is_kept_to_two_percent(value):
    spread = Spread()
    spread.add(value)
    assert spread.percentile(0.5) == pytest.approx(max(value, 1), rel=0.021)


def test_no_cases_have_no_percentile_and_no_share():
    board = Board({FIRST: Tally()})
    assert board.sum.spread("lookup").percentile(0.5) is None
    assert (board.completion, board.success, board.rating, board.credits_per_call) == (None, None, None, None)


def quiet_days(count):
    """A Period of so many days that are kept, each with one call more than the day before."""
    for number in range(count):
        tally = Tally(Counter(calls=number))
        tally.took("lookup", 10 + number)
        tally.named("questions", f"Question {number % 2}?")
        DayFigures.objects.create(day=FIRST + timedelta(days=number), figures=tally.as_json())
    return Period(FIRST, FIRST + timedelta(days=count - 1))


def test_a_long_time_is_drawn_in_weeks_that_add_up_to_its_days():
    board = Board.read(quiet_days(93))
    weeks = list(board.steps.values())
    assert board.weekly
    assert [weeks[0].counts["calls"], weeks[-1].counts["calls"]] == [sum(range(7)), 91 + 92]
    assert list(board.steps)[1] == FIRST + timedelta(days=7)
    assert board.count("calls") == sum(range(93))
    assert board.sum.spread("lookup").cases == 93
    assert board.sum.top("questions") == [("Question 0?", 47), ("Question 1?", 46)]


def test_a_quarter_is_drawn_in_days():
    board = Board.read(quiet_days(92))
    assert not board.weekly
    assert [tally.counts["calls"] for tally in board.steps.values()] == list(range(92))


def test_a_board_without_lists_has_the_same_figures():
    period = quiet_days(93)
    plain = Board.read(period, daily=True, lists=False)
    assert plain.sum.counts == Board.read(period).sum.counts
    assert (len(plain.steps), plain.sum.lists) == (93, {})


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.7, 1), (1, 1), (1.1, 2), (3, 5), (6, 10), (1200, 2000)])
def test_a_scale_ends_at_a_round_number_above_all_values(value, top):
    assert drawing.ceiling(value) == pytest.approx(top)


def test_a_line_breaks_where_there_is_no_value():
    plot = drawing.lines("Tool calls", ["a", "b", "c"], {"p50": [1, None, 2]})
    assert plot.lines[0].path.count("M") == 2
    assert plot.rows == [("a", (1,), ""), ("b", (None,), ""), ("c", (2,), "")]


# --- the page --------------------------------------------------------------------------------------------------------


def at(**query):
    return {"first": FIRST.isoformat(), "last": LAST.isoformat(), **query}


def test_the_page_shows_the_figures_with_the_rows_behind_them(staff, month):
    page = staff.get("/staff/voice/", at()).content.decode()
    board = Board.read(ALL)
    calls = re.search(r"<dt>Calls</dt><dd><a href=\"([^\"]+)\">([\d,]+)</a>", page)
    assert int(calls[2].replace(",", "")) == board.count("calls")
    behind = staff.get(calls[1].replace("&amp;", "&"))
    assert behind.status_code == 200
    assert page.count("<svg") >= 8
    assert page.count("figure-plot") == page.count("As a table") == 9


def test_every_figure_leads_to_a_list_that_opens(staff, month):
    page = staff.get("/staff/voice/", at(persona=month.personas[0].pk)).content.decode()
    addresses = {unescape(one) for one in re.findall(r'<a href="(/admin/(?:voice|knowledge)/\w+/[^"]*\?[^"]+)"', page)}
    assert len(addresses) >= 20
    for address in addresses:
        answer = staff.get(address)
        assert (address, answer.status_code) == (address, 200)


def test_the_file_has_every_day_and_adds_up(staff, month):
    response = staff.get("/staff/voice/", at(format="csv"))
    rows = list(csv.DictReader(response.content.decode().splitlines()))
    board = Board.read(ALL)
    assert [row["day"] for row in rows] == [str(day) for day in ALL.days]
    for name in showing.COLUMNS:
        assert sum(int(row[name]) for row in rows) == board.count(name)


def test_the_page_says_when_it_draws_weeks_and_the_file_has_days_all_the_same(staff, month):
    year = {"first": "2026-01-01", "last": "2026-12-31"}
    page = staff.get("/staff/voice/", year).content.decode()
    assert "drawn in weeks" in page
    assert page.count("Week from") == 7
    assert "Week from" not in staff.get("/staff/voice/", at()).content.decode()
    assert (
        len(list(csv.reader(staff.get("/staff/voice/", year | {"format": "csv"}).content.decode().splitlines()))) == 366
    )


def test_a_persona_and_a_channel_can_be_chosen(staff, month):
    chosen = at(persona=month.personas[1].pk, channel="phone", format="csv")
    rows = csv.DictReader(staff.get("/staff/voice/", chosen).content.decode().splitlines())
    expected = ours(Session.objects).filter(conversation__persona=month.personas[1], channel="phone").count()
    assert sum(int(row["calls"]) for row in rows) == expected > 0


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"first": "2026-09-02", "last": "2026-09-01"}, "Swap them"),
        ({"first": "2020-01-01", "last": "2026-09-01"}, "more than a year"),
        ({"last": "0001-01-05"}, "no figures of that time"),
        ({"first": "yesterday"}, "Enter a valid date"),
        ({"channel": "pigeon"}, "Select a valid choice"),
    ],
)
def test_a_period_that_is_none_is_named_and_the_last_30_days_are_shown(staff, query, words):
    page = staff.get("/staff/voice/", query)
    assert page.status_code == 200
    assert words in page.content.decode()


def test_only_staff_who_may_see_conversations_see_figures(client):
    assert client.get("/staff/voice/").status_code == 302
    somebody = User.objects.create_user("otto", is_staff=True)
    client.force_login(somebody)
    assert client.get("/staff/voice/").status_code == 403
    somebody.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    assert client.get("/staff/voice/").status_code == 200


def test_before_there_are_figures_the_page_says_when_they_come(staff):
    assert "No figures yet" in staff.get("/staff/voice/").content.decode()


def test_the_page_takes_few_queries_whatever_the_length(staff, month, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        staff.get("/staff/voice/", at())


def test_a_visit_counts_once_a_day_and_only_where_voice_is_offered(client, session, settings):
    for _ in range(3):
        client.get("/chat/harbour-guide/")
    assert Visit.objects.count() == 1
    settings.ENABLE_VOICE_CHAT = False
    Visit.objects.all().delete()
    client.get("/chat/harbour-guide/")
    assert not Visit.objects.exists()


def test_a_visit_of_staff_or_of_a_rehearsal_is_none(staff, session):
    staff.get("/chat/harbour-guide/")
    Client().get("/chat/harbour-guide/", headers={"X-Rehearsal": "yes"})
    assert not Visit.objects.exists()


def test_todays_figures_are_made_by_the_worker(session, looked_up):
    looked_up(session)
    days.keep_recent()
    today = timezone.now().date()
    assert Board.read(Period(today, today)).count("calls") == 1
    assert days.made_at() > datetime.now(UTC) - timedelta(minutes=1)


def ask(client, **headers):
    """Type a question on the chat page; the thread that it stands in."""
    letter = {"text": "When does the ferry leave?"}
    assert client.post("/chat/harbour-guide/say/", letter, headers=headers).status_code == 302
    return Conversation.objects.latest("last_turn_at")


def test_whose_a_thread_is_follows_from_who_asks(staff, session):
    assert ask(staff).kind == "staff"
    assert ask(Client(), **{"X-Rehearsal": "yes"}).kind == "rehearsal"
    assert ask(Client()).kind == "visitor"


def test_a_visitors_thread_is_staffs_once_they_sign_in(client, session):
    thread = ask(client)
    client.force_login(User.objects.create_user("otto", is_staff=True))
    assert (ask(client).pk, ask(client).kind) == (thread.pk, "staff")
