"""What ElevenLabs says of our use, beside our own records: asked by a task, kept, compared call by call, shown to staff."""

import csv
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.formats import date_format

from voice import tasks
from voice.books import comparing, looking, plan, showing
from voice.figures.board import Period
from voice.models import Agent, Compared, Conversation, Forgotten, Listed, Reading, Session, Spending

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
Reason = Compared.Reason


def listed(name, persona=None, **fields):
    told = {
        "started_at": NOON,
        "seconds": 60,
        "credits": 600,
        "is_over": True,
        "elevenlabs_agent_id": "agent_1",
        **fields,
    }
    return Listed.objects.create(elevenlabs_conversation_id=name, persona=persona, **told)


def ours(persona, name, elsewhere=False, **fields):
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4(), elsewhere=elsewhere)
    told = {"started_at": NOON, "duration_secs": 60, "cost_credits": 600, "reported_at": NOON, **fields}
    return Session.objects.create(conversation=thread, elevenlabs_conversation_id=name, **told)


def read(**fields):
    told = {"at": NOON + timedelta(hours=6), "listed_to": NOON + timedelta(hours=6), **fields}
    return Reading.objects.create(day=told["at"].date(), **told)


def reasons():
    return {(pair.there or pair.here).elevenlabs_conversation_id: pair.reason for pair in comparing.pairs(DAY)}


def test_every_call_is_told_by_why_both_sides_agree_or_do_not(persona):
    read()
    for name in ("same", "other", "phone", "page", "unreported", "running"):
        listed(name, persona, is_over=name != "running")
    listed("test of staff", persona)
    listed("fetched soon", persona)
    listed("stranger")
    listed("deleted", persona)
    Forgotten.objects.create(elevenlabs_conversation_id="deleted")
    ours(persona, "same")
    ours(persona, "other", duration_secs=59)
    ours(persona, "phone", elsewhere=True, channel="phone")
    ours(persona, "page", elsewhere=True)
    ours(persona, "unreported", reported_at=None, duration_secs=None, cost_credits=None, ended_at=NOON)
    ours(persona, "running", reported_at=None, duration_secs=None, cost_credits=None)
    ours(persona, "newer", started_at=NOON + timedelta(hours=7), reported_at=None)
    ours(persona, "unconnected", reported_at=None, duration_secs=None, cost_credits=None)
    ours(persona, "gone")
    ours(persona, "reserved:1")
    assert reasons() == {
        "same": Reason.SAME, "other": Reason.OTHER, "phone": Reason.PHONE, "page": Reason.ELSEWHERE,
        "unreported": Reason.UNREPORTED, "running": Reason.RUNNING, "test of staff": Reason.UNKNOWN,
        "fetched soon": Reason.UNKNOWN, "stranger": Reason.NOT_OURS, "deleted": Reason.DELETED, "newer": Reason.NEWER,
        "unconnected": Reason.UNCONNECTED, "gone": Reason.GONE,
    }  # fmt: skip
    assert set(reasons().values()) == set(Reason)
    assert set(showing.EXPLAINED) == set(Reason) - {Reason.SAME}


def test_what_both_sides_add_up_to_is_the_difference_that_its_reasons_explain(persona):
    read()
    listed("same", persona)
    ours(persona, "same")
    listed("other", persona, seconds=90, credits=900)
    ours(persona, "other")
    listed("stranger", seconds=30, credits=300)
    ours(persona, "gone", duration_secs=15, cost_credits=100)
    comparing.keep(DAY)
    rows = showing.rows(Period(DAY, DAY))
    total = showing.total(rows)
    assert (total.calls_there, total.seconds_there, total.credits_there) == (3, 180, 1800)
    assert (total.calls_here, total.seconds_here, total.credits_here) == (3, 135, 1300)
    explained = showing.explanations(rows, Period(DAY, DAY))
    assert {one.title: (one.calls, one.minutes * 60, one.credits) for one in explained} == {
        "Reported with other figures": (1, 30, 300),
        "Of agents that are not ours": (1, 30, 300),
        "No longer listed at ElevenLabs": (1, -15, -100),
    }
    assert sum(one.credits for one in explained) == total.credits == 500
    assert showing.in_words(total) == "ElevenLabs counts 0.7 minutes and 500 credits more than is written down here."


def test_calls_begun_elsewhere_are_not_in_our_figures(persona):
    read()
    listed("page", persona)
    ours(persona, "page", elsewhere=True)
    comparing.keep(DAY)
    kept = Compared.objects.get()
    assert (kept.calls_there, kept.calls_here, kept.seconds_here, kept.credits_here) == (1, 0, 0, 0)


def test_a_call_across_midnight_counts_once_on_the_day_it_is_listed_for(persona):
    read()
    midnight = NOON.replace(hour=0)
    listed("late", persona, started_at=midnight)
    ours(persona, "late", started_at=midnight - timedelta(seconds=2))
    for day in (DAY - timedelta(days=1), DAY):
        comparing.keep(day)
    assert list(Compared.objects.values_list("day", "reason")) == [(DAY, Reason.SAME)]


def test_days_that_may_still_change_are_compared_anew_and_once(persona):
    read()
    listed("late", persona)
    for _ in range(2):
        comparing.keep_open(DAY + timedelta(days=8))
    assert list(Compared.objects.values_list("reason", "calls_here")) == [(Reason.UNKNOWN, 0)]
    ours(persona, "late")
    comparing.keep_open(DAY + timedelta(days=8))
    assert list(Compared.objects.values_list("reason", "calls_here")) == [(Reason.SAME, 1)]


def test_a_look_compares_yesterday_and_whatever_was_never_compared(persona):
    read()
    for back in (0, 1, 2, 30):
        listed(f"call {back}", persona, started_at=NOON - timedelta(days=back))
    comparing.keep_recent(DAY)
    assert Compared.objects.filter(reason=Reason.UNKNOWN).count() == 4
    for back in (0, 1, 2):
        ours(persona, f"call {back}", started_at=NOON - timedelta(days=back))
    comparing.keep_recent(DAY)
    same = Compared.objects.filter(reason=Reason.SAME).values_list("day", flat=True)
    assert set(same) == {DAY, DAY - timedelta(days=1)}


def test_a_year_is_drawn_in_weeks_that_add_up_and_listed_in_part(staff, persona):
    for back in range(365):
        Compared.objects.create(day=DAY - timedelta(days=back), persona=persona, reason=Reason.SAME, credits_there=back)
        Compared.objects.create(day=DAY - timedelta(days=back), reason=Reason.NOT_OURS, credits_there=1)
    page = staff.get(f"/staff/voice/usage/?first={DAY - timedelta(days=364)}&last={DAY}")
    _minutes, credits = page.context["plots"]
    assert len(credits.labels) == 53
    assert sum(credits.lines[0].values) == sum(range(365)) + 365
    assert (len(page.context["rows"]), page.context["more"]) == (400, 330)
    assert "330 earlier lines are in the file." in page.content.decode()


@pytest.fixture
def account(standin, persona):
    """An agent of ours and one that is not, with a call each today; gives how many seconds ago they began."""
    made = {}
    for name in ("ours", "other"):
        told = {"conversation_config": {"agent": {"prompt": {"prompt": "Hello."}}}, "name": f"Agent {name}"}
        answer = standin.http.post("/v1/convai/agents/create", json=told)
        made[name] = answer.raise_for_status().json()["agent_id"]
        call = {
            "agent_id": made[name],
            "conversation_id": f"conv_{name}{uuid.uuid4().hex[:6]}",
            "call_duration_secs": 30,
        }
        made[f"{name} call"] = call["conversation_id"]
        standin.http.post("/standin/conversations", json=call).raise_for_status()
    Agent.objects.filter(persona=persona).update(elevenlabs_agent_id=made["ours"])
    return made


def test_a_look_keeps_the_plan_the_calls_and_what_the_account_spent(standin, account, persona):
    standin.http.patch("/standin/limits", json={"credits": 10_000, "credits_used": 8_500}).raise_for_status()
    tasks.look_at_books()
    reading = looking.last()
    assert (reading.used, reading.limit, reading.running_there, reading.running_here) == (8_500, 10_000, 0, 0)
    assert reading.listed_to is not None
    found = Listed.objects.get(elevenlabs_conversation_id=account["ours call"])
    assert (found.persona, found.seconds, found.credits, found.is_over) == (persona, 30, 300, True)
    stranger = Listed.objects.get(elevenlabs_conversation_id=account["other call"])
    assert (stranger.persona, stranger.agent_name) == (None, "Agent other")
    spent = sum(Spending.objects.filter(product="ConvAI").values_list("credits", flat=True))
    assert spent >= 600  # the stand-in keeps calls of earlier tests
    assert Compared.objects.filter(reason=Reason.NOT_OURS, persona=None).exists()
    known = plan.known()
    assert (known.left, known.percent, known.passed) == (1_500, 85, 80)


def test_a_second_look_takes_each_call_once_with_its_last_figures(standin, account):
    tasks.look_at_books()
    count = Listed.objects.count()
    longer = {"agent_id": account["ours"], "conversation_id": account["ours call"], "call_duration_secs": 45}
    standin.http.post("/standin/conversations", json=longer).raise_for_status()
    tasks.look_at_books()
    assert Listed.objects.count() == count
    assert Listed.objects.get(elevenlabs_conversation_id=account["ours call"]).seconds == 45
    assert Reading.objects.count() == 1


def test_a_day_with_more_calls_than_a_run_lists_is_listed_to_its_end(standin, account, monkeypatch):
    monkeypatch.setattr(looking, "MOST_PAGES", 1)
    began = int((timezone.now() - timedelta(hours=20)).timestamp())
    names = [f"conv_{uuid.uuid4().hex[:12]}" for _ in range(250)]
    for number, name in enumerate(names):
        call = {"agent_id": account["ours"], "conversation_id": name, "start_time_unix_secs": began + 60 * number}
        standin.http.post("/standin/conversations", json=call).raise_for_status()
    reached = []
    while not reached or reached[-1] < timezone.now() - timedelta(minutes=1):
        tasks.look_at_books()
        assert not reached or looking.listed_to() > reached[-1]
        reached.append(looking.listed_to())
    assert Listed.objects.filter(elevenlabs_conversation_id__in=names).count() == 250


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        ("/v1/user/subscription", "used"),
        ("/v1/convai/analytics/live-count", "running_there"),
        ("/v1/convai/conversations", "listed_to"),
        ("/v1/workspace/analytics/query/usage-by-product-over-time", None),
    ],
)
def test_what_is_refused_leaves_the_rest_and_what_was_known(standin, account, path, lost):
    tasks.look_at_books()
    before = (Listed.objects.count(), Spending.objects.count())
    Reading.objects.update(day=DAY - timedelta(days=400))
    standin.fail("status", path=path, status=403)
    tasks.look_at_books()
    reading = Reading.objects.last()
    told = {"used", "running_there", "listed_to"}
    assert {name for name in told if getattr(reading, name) is None} == ({lost} if lost else set())
    assert (Listed.objects.count(), Spending.objects.count()) == before


def test_the_clock_has_elevenlabs_asked(settings):
    tasks_of_beat = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {"voice.tasks.look_at_books", "voice.tasks.compare_books"} <= tasks_of_beat
    tasks.compare_books()


def test_what_is_older_than_a_year_goes(standin):
    old = timezone.now() - timedelta(days=401)
    listed("old", started_at=old)
    read(at=old)
    Spending.objects.create(day=old.date(), product="ConvAI", credits=1)
    tasks.look_at_books()
    assert not Listed.objects.filter(elevenlabs_conversation_id="old").exists()
    assert not Reading.objects.filter(day=old.date()).exists()
    assert not Spending.objects.filter(day=old.date()).exists()


def spend(*credits):
    for back, one in enumerate(credits, start=1):
        Spending.objects.create(day=DAY - timedelta(days=back), product="ConvAI", credits=one)


def test_the_day_credits_run_out_is_foretold_from_the_whole_accounts_days():
    spend(*[100] * 14)
    read(used=9_000, limit=10_000, resets_at=NOON + timedelta(days=20))
    known = plan.known()
    assert not known.of_calls
    out = known.runs_out
    assert {out.likely, out.earliest, out.latest} == {DAY + timedelta(days=10)}  # every day cost the same: no error
    assert out.lasts is False


def test_the_forecast_says_how_far_it_may_be_wrong_and_whether_new_credits_come_first():
    spend(*[50, 150] * 7)
    read(used=9_000, limit=10_000, resets_at=NOON + timedelta(days=5))
    out = plan.known().runs_out
    assert out.earliest < out.likely < out.latest
    assert out.lasts is True
    Reading.objects.update(resets_at=NOON + timedelta(days=10))
    assert plan.known().runs_out.lasts is None


def test_without_the_accounts_days_our_calls_are_what_is_foretold_from(persona):
    for back in range(1, 15):
        Compared.objects.create(day=DAY - timedelta(days=back), persona=persona, reason=Reason.SAME, credits_there=200)
    read(used=9_000, limit=10_000)
    known = plan.known()
    assert known.of_calls
    assert known.runs_out.likely == DAY + timedelta(days=5)


def test_from_two_days_with_calls_nothing_is_foretold():
    spend(100, 100)
    read(used=1, limit=10_000)
    assert plan.known().runs_out is None


@pytest.fixture
def books(persona):
    read(used=9_600, limit=10_000, running_there=2, running_here=1, resets_at=NOON + timedelta(days=20))
    spend(*[100] * 14)
    listed("same", persona)
    ours(persona, "same")
    listed("stranger", seconds=30, credits=300, agent_name="Somebody else's")
    ours(
        persona,
        "unreported",
        reported_at=None,
        duration_secs=None,
        cost_credits=None,
        ended_at=NOON + timedelta(seconds=42),
    )
    listed("unreported", persona)
    comparing.keep(DAY)
    return persona


ADDRESS = "/staff/voice/usage/?first=2026-11-20&last=2026-11-20"


def test_the_page_tells_plan_sums_reasons_and_each_day(staff, books):
    html = staff.get(ADDRESS).content.decode()
    for words in (
        "9,600 of 10,000 credits are used, 400 are left.", "More than 95 % are used.", f"about {date_format(DAY + timedelta(days=4))},",
        "2 calls ran at ElevenLabs, 1 line was taken here.", "ElevenLabs counts 0.8 minutes and 900 credits more",
        "1 call, 0.5 minutes, 300 credits", "Harbour guide", "other agents",
    ):  # fmt: skip
        assert words in html, words


def test_each_reason_leads_to_its_calls(staff, books):
    page = staff.get(f"{ADDRESS}&reason=unreported")
    html = page.content.decode()
    thread = Session.objects.get(elevenlabs_conversation_id="unreported").conversation_id
    assert f"/admin/voice/conversation/{thread}/change/" in html
    assert "60 / 42" in html
    html = staff.get(f"{ADDRESS}&reason=not-ours").content.decode()
    assert "Somebody else" in html
    assert [one.there.elevenlabs_conversation_id for one in page.context["calls"]] == ["unreported"]


def test_one_persona_alone_has_neither_other_agents_nor_the_whole_account(staff, books):
    page = staff.get(f"{ADDRESS}&persona={books.pk}")
    assert {one.persona for one in page.context["rows"]} == {"Harbour guide"}
    assert page.context["products"] == []


def test_the_file_has_the_pages_days(staff, books):
    told = list(csv.DictReader(staff.get(f"{ADDRESS}&format=csv").content.decode().splitlines()))
    assert [(one["day"], one["persona"], one["calls elevenlabs"], one["calls here"]) for one in told] == [
        ("2026-11-20", "Harbour guide", "2", "2"),
        ("2026-11-20", "other agents", "1", "0"),
    ]
    assert sum(int(one["credits difference"]) for one in told) == 900


def test_looking_at_the_page_asks_nobody(staff, standin, books):
    standin.forget_requests()
    staff.get(ADDRESS)
    assert standin.all_requests() == []


def test_before_the_first_look_the_page_says_what_to_do(staff):
    html = staff.get("/staff/voice/usage/").content.decode()
    assert "ElevenLabs was not asked yet." in html
    assert "There were no calls in this time." in html


@pytest.mark.parametrize("query", ["?first=nonsense", "?first=2026-11-20&last=2026-11-01", "?reason=nonsense"])
def test_a_period_or_reason_that_is_none_becomes_the_last_thirty_days(staff, query):
    period = staff.get(f"/staff/voice/usage/{query}").context["period"]
    assert (period.last - period.first).days == 29


def test_only_staff_who_may_see_the_account_see_its_use(client, persona):
    assert client.get(ADDRESS).status_code == 302
    client.force_login(User.objects.create_user("ben", is_staff=True))
    assert client.get(ADDRESS).status_code == 403


def test_a_file_holds_no_formula_that_a_persona_was_named_after(staff, make_persona):
    read()
    listed("call", make_persona(name="=1+1"))
    comparing.keep(DAY)
    assert "'=1+1" in staff.get(f"{ADDRESS}&format=csv").content.decode()
