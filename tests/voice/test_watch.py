"""Everything that is watched: each alert begins once and is over once; silences; the chat; when credits run out."""

import http.server
import json
import math
import threading
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from config.celery import app as celery
from voice import alerts, backlog, tasks, watch
from voice.figures import forecast
from voice.models import Alert, Attempt, Conversation, Silence, ToolCall

pytestmark = pytest.mark.django_db


@pytest.fixture
def letters(settings, mailoutbox):
    settings.ALERT_EMAILS, settings.EMAIL_URL = ["anna@example.org"], "smtp://localhost"
    settings.OBJECTIVE_LEAST_CASES = 10
    return mailoutbox


@pytest.fixture(autouse=True)
def empty_queue():
    """Nobody works here: what other tests have handed over waits for ever."""
    celery.control.purge()
    yield
    celery.control.purge()


def look(kind):
    """Look twice, as the clock does; the open alerts of a kind."""
    watch.look()
    watch.look()
    return list(Alert.objects.open().filter(kind=kind))


def subjects(letters, kind):
    return [
        one.subject.removeprefix("[Clone Advisor] ") for one in letters if str(Alert.Kind(kind).label) in one.subject
    ]


def calls(persona, outcome, number, **fields):
    rows = [
        ToolCall(persona=persona, function="query_persona_knowledge", outcome=outcome, **fields) for _ in range(number)
    ]
    ToolCall.objects.bulk_create(rows)


def starts(conversation, outcome, number):
    """Each by a visitor of their own."""
    persona = conversation.persona
    threads = Conversation.objects.bulk_create(
        Conversation(persona=persona, visitor=uuid.uuid4()) for _ in range(number)
    )
    Attempt.objects.bulk_create(Attempt(conversation=one, persona=persona, outcome=outcome) for one in threads)


def later():
    """As if a quarter of an hour had passed."""
    ago = timezone.now() - timedelta(minutes=16)
    ToolCall.objects.update(at=ago)
    Attempt.objects.update(at=ago)


def fail_calls(conversation):
    calls(conversation.persona, "answered", 90, milliseconds={"total": 20})
    calls(conversation.persona, "fallback", 10, milliseconds={"total": 20})


def be_slow(conversation):
    calls(conversation.persona, "answered", 20, milliseconds={"total": 1900})


def fail_starts(conversation):
    starts(conversation, "live", 10)
    starts(conversation, "start-slow", 5)


@pytest.mark.parametrize(
    ("kind", "go_wrong", "words"),
    [
        ("calls", fail_calls, "10 of 100 tool calls ended in the fallback line"),
        ("slow", be_slow, "took over 1900 ms"),
        ("starts", fail_starts, "5 of 15 calls could not start"),
    ],
)
def test_a_missed_objective_is_told_once_with_its_newest_cases_and_is_over_once(
    standin, conversation, letters, kind, go_wrong, words
):
    go_wrong(conversation)
    (alert,) = look(kind)
    assert words in alert.words
    assert alert.words.count("/change/") == 3
    later()
    assert look(kind) == []
    label = Alert.Kind(kind).label
    assert subjects(letters, kind) == [label, f"Over: {label}"]


@pytest.mark.parametrize("kind", ["staff", "rehearsal"])
def test_what_staff_and_rehearsals_break_on_purpose_is_no_alert(standin, conversation, letters, kind):
    fail_calls(conversation)
    be_slow(conversation)
    fail_starts(conversation)
    Conversation.objects.update(kind=kind)
    Attempt.objects.update(kind=kind)
    ToolCall.objects.update(session=conversation.sessions.create(elevenlabs_conversation_id="conv_of_theirs"))
    assert look("calls") == look("slow") == look("starts") == []


def test_a_few_bad_cases_are_no_alert(standin, conversation, letters):
    calls(conversation.persona, "fallback", 9)
    starts(conversation, "start-slow", 9)
    assert look("calls") == look("starts") == []


@pytest.fixture
def plan(standin):
    """The stand-in, whose credits are as before afterwards."""
    before = standin.http.get("/standin/limits").json()
    yield standin
    standin.http.patch(
        "/standin/limits", json={name: before[name] for name in ("credits", "credits_used")}
    ).raise_for_status()


def test_credits_are_told_of_at_80_and_at_95_percent_and_when_there_are_more(plan, letters):
    assert look("credits") == []
    for used, expected in ((0.79, []), (0.8, ["80 %"]), (0.96, ["80 %", "95 %"]), (0.1, [])):
        spend(plan, used)
        assert sorted(alert.about for alert in look("credits")) == expected
    told = [one.removeprefix("Credits run out: ") for one in subjects(letters, "credits")]
    assert sorted(told) == ["80 %", "95 %", "Over: Credits run out: 80 %", "Over: Credits run out: 95 %"]


def spend(standin, part):
    limit = 100_000
    standin.http.patch("/standin/limits", json={"credits": limit, "credits_used": int(limit * part)}).raise_for_status()


def test_a_task_that_waits_too_long_is_told_until_a_worker_takes_it(standin, letters, monkeypatch):
    assert backlog.age() == 0
    tasks.start(tasks.heartbeat)
    assert 0 < backlog.age() < 60
    assert look("queue") == []
    monkeypatch.setattr(watch, "QUEUE_SECONDS", 0)
    (alert,) = look("queue")
    assert "Start more workers" in alert.words
    monkeypatch.undo()
    celery.control.purge()
    assert look("queue") == []
    assert subjects(letters, "queue") == ["Tasks wait too long", "Over: Tasks wait too long"]


def test_a_disk_that_fills_up_is_told_until_there_is_room(standin, letters, monkeypatch):
    assert look("disk") == []
    monkeypatch.setattr(watch, "DISK_LEAST", 2**60)
    (alert,) = look("disk")
    assert "Make room" in alert.words
    monkeypatch.undo()
    assert look("disk") == []
    assert subjects(letters, "disk") == ["The disk fills up", "Over: The disk fills up"]


# --- silences --------------------------------------------------------------------------------------------------------


def silence(kind="", begins=-1, ends=1):
    now = timezone.now()
    return Silence.objects.create(
        kind=kind, begins_at=now + timedelta(hours=begins), ends_at=now + timedelta(hours=ends), why="Moving house"
    )


def test_in_a_silence_nobody_is_written_to_and_what_is_still_wrong_after_it_is_told(letters):
    quiet = silence()
    alerts.settle("disk", "Full.")
    alerts.tell()
    assert letters == []
    assert Alert.objects.open().exists()
    quiet.delete()
    alerts.tell()
    assert len(letters) == 1


def test_what_began_and_ended_in_a_silence_is_never_told(letters):
    quiet = silence()
    alerts.settle("disk", "Full.")
    alerts.settle("disk", "")
    quiet.delete()
    alerts.tell()
    assert letters == []


def test_a_silence_of_one_kind_leaves_the_others_to_be_told(letters):
    silence(kind="disk")
    for kind in ("disk", "queue"):
        alerts.settle(kind, "Wrong.")
    alerts.tell()
    assert [one.subject for one in letters] == ["[Clone Advisor] Tasks wait too long"]


@pytest.mark.parametrize(("begins", "ends"), [(-2, -1), (1, 2)])
def test_a_silence_that_is_over_or_to_come_silences_nothing(letters, begins, ends):
    silence(begins=begins, ends=ends)
    alerts.settle("disk", "Full.")
    alerts.tell()
    assert len(letters) == 1


def test_staff_set_a_silence_and_one_that_ends_before_it_begins_is_refused(staff):
    form = {
        "kind": "",
        "begins_at_0": "2026-11-25",
        "begins_at_1": "10:00",
        "ends_at_0": "2026-11-25",
        "ends_at_1": "09:00",
        "why": "x",
    }
    page = staff.post("/admin/voice/silence/add/", form)
    assert "A silence ends after it begins" in page.content.decode()
    assert staff.post("/admin/voice/silence/add/", {**form, "ends_at_1": "11:00"}).status_code == 302
    assert Silence.objects.get().by.username == "anna"


# --- the chat --------------------------------------------------------------------------------------------------------


@pytest.fixture
def chat(settings):
    """What a chat's incoming webhook was given; ``chat.status`` is what it answers."""

    class Chat(http.server.BaseHTTPRequestHandler):
        given, status = [], 200

        def do_POST(self):
            Chat.given.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(Chat.status)
            self.end_headers()

        def log_message(self, *_):
            """Quietly."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ALERT_CHAT_URL = f"http://127.0.0.1:{server.server_port}/services/T0/B0/secret"
    yield Chat
    server.shutdown()
    server.server_close()


def test_a_chat_is_told_once_as_plain_text_that_mentions_nobody(chat):
    alerts.settle("drift", "Somebody changed <!channel> & more.")
    alerts.tell()
    alerts.tell()
    (message,) = chat.given
    assert list(message) == ["text"]
    assert "&lt;!channel&gt; &amp; more" in message["text"]
    assert Alert.objects.get().told_by == "chat"


def test_where_one_way_fails_the_other_is_not_used_twice(chat, letters):
    chat.status = 500
    alerts.settle("disk", "Full.")
    alerts.tell()
    alerts.tell()
    assert (len(letters), len(chat.given), Alert.objects.get().told_by) == (1, 1, "e-mail")


def test_where_every_way_fails_it_is_told_later(chat):
    chat.status = 500
    alerts.settle("disk", "Full.")
    alerts.tell()
    assert Alert.objects.get().told_at is None
    chat.status = 200
    alerts.tell()
    assert Alert.objects.get().told_by == "chat"


def test_the_address_of_the_chat_is_in_no_log(chat, caplog):
    chat.status = 403
    with caplog.at_level("DEBUG"):
        alerts.settle("disk", "Full.")
        alerts.tell()
    assert "secret" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("voice"))


def test_without_any_way_the_log_has_it_and_the_row_says_so(settings):
    settings.ALERT_EMAILS, settings.ALERT_CHAT_URL = [], ""
    alerts.settle("disk", "Full.")
    alerts.tell()
    assert Alert.objects.get().told_by == "log"


# --- when credits run out --------------------------------------------------------------------------------------------


def test_an_even_pace_gives_the_day_without_doubt():
    found = forecast.run_out(1000, [100] * 14)
    assert (found.days, found.earliest, found.latest) == (10, 10, 10)


def test_an_uneven_pace_gives_a_range_around_the_day():
    found = forecast.run_out(1000, [0, 200] * 7)
    assert found.earliest < found.days == 10 < found.latest < 40


def test_rare_use_may_never_end_the_credits():
    assert forecast.run_out(1000, [0] * 11 + [10, 900, 10]).latest == math.inf


@pytest.mark.parametrize("spent", [[], [0] * 14, [0] * 12 + [50, 50]])
def test_from_too_few_days_nothing_is_foretold(spent):
    assert forecast.run_out(1000, spent) is None
