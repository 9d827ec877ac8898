"""What Sentry is sent, read off its own wire: which fault and where, and nothing anybody said."""

import json
import os
import subprocess
import sys

import pytest

from tests.conftest import NOWHERE, ROOT, SERVICE_TOKEN
from tests.voice import collector
from voice import checks, sentry

SAID = "When does the ferry to Gull Island leave?"
# Four faults in a process of its own, since what Sentry's SDK puts into Django and Celery stays there.
FAULTS = """
import json, logging, django
django.setup()
from django.test import Client
from config.celery import app
from voice import health, lookups, tasks

SAID, TOKEN, PERSONA = json.loads(input())
client = Client(raise_request_exception=False)

def fail(*_, **__):
    kept_in_a_variable = SAID
    raise ValueError("about " + SAID)

def knock():
    asked = {"query": SAID, "persona_id": PERSONA}
    body = {"function_name": "query_persona_knowledge", "parameters": asked, "conversation_id": "conv_1"}
    headers = {"X-Service-Token": TOKEN, "Cookie": "visit=secret-in-a-cookie"}
    return client.post("/elevenlabs/function-call", body, "application/json", headers=headers)

lookups.find = health._database = tasks.watching.look = fail
assert knock().json()["success"] is False
asked = {"Authorization": "Bearer secret-in-a-header", "Cookie": "visit=secret-in-a-cookie"}
assert client.get("/readyz?asked=ferry&token=secret-in-a-query", headers=asked).status_code == 500
logging.getLogger("voice.somewhere").error("this could not be done: %s", SAID)
logging.getLogger("somebody.else").error("about " + SAID)
app.conf.task_always_eager = True
tasks.watch.apply(throw=False)
"""


class Envelopes:
    """What came: events, and every byte after unpacking."""

    def __init__(self, url):
        self.dsn, self.events, self.raw, self.kinds = url.replace("//", "//public-key@") + "/1", [], b"", set()

    def take(self, path, body):
        assert path == "/api/1/envelope/"
        self.raw += body
        _head, *items = [json.loads(line) for line in body.splitlines() if line]
        for head, item in zip(items[::2], items[1::2], strict=True):
            self.kinds.add(head["type"])
            self.events.append(item)


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    with collector.listening(Envelopes) as envelopes:
        nowhere = f"sqlite:///{tmp_path_factory.mktemp('sentry') / 'empty.sqlite3'}"
        known = {**os.environ, "SENTRY_DSN": envelopes.dsn, "DATABASE_URL": nowhere}
        given = json.dumps([SAID, SERVICE_TOKEN, "0190a6a0-0000-7000-8000-000000000000"])
        command = [sys.executable, "-c", FAULTS]
        done = subprocess.run(command, cwd=ROOT, env=known, input=given, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    return envelopes


def test_no_word_that_was_said_and_no_secret_leaves(sent):
    assert len(sent.events) >= 5
    for word in ("ferry", "Gull", "secret-in", "kept_in_a_variable", SERVICE_TOKEN, os.environ["SECRET_KEY"]):
        assert word.encode() not in sent.raw


def test_nothing_but_faults_leaves(sent):
    assert sent.kinds == {"event"}


def test_a_tool_call_that_fell_back_names_its_conversation_the_fault_and_the_line(sent):
    (event,) = (one for one in sent.events if one["tags"].get("conversation") == "conv_1")
    (fault,) = event["exception"]["values"]
    assert (fault["type"], fault["value"]) == ("ValueError", sentry.LEFT_OUT)
    assert [frame["function"] for frame in fault["stacktrace"]["frames"]][-1] == "fail"
    assert "vars" not in json.dumps(event)


def test_a_page_that_broke_is_named_as_it_is_drawn_and_without_its_request(sent):
    (event,) = (one for one in sent.events if one["transaction"] == "/readyz" and "exception" in one)
    assert event.keys().isdisjoint({"request", "user", "extra", "breadcrumbs", "modules", "server_name"})


def test_a_task_that_failed_is_named(sent):
    (event,) = (one for one in sent.events if one["transaction"] == "voice.tasks.watch")
    assert event["exception"]["values"][0]["type"] == "ValueError"


def test_a_line_of_the_log_leaves_without_its_details_and_a_librarys_without_words(sent):
    lines = {event["logger"]: event["logentry"] for event in sent.events if "logentry" in event}
    assert lines["voice.somewhere"] == {"message": "this could not be done: %s"}
    assert lines["somebody.else"] == {"message": sentry.LEFT_OUT}


def test_what_a_later_version_gathers_stays_here():
    event = {"event_id": "1", "later": SAID, "exception": {"values": [{"type": "A", "later": SAID, "value": SAID}]}}
    assert "ferry" not in json.dumps(sentry.select(event, {}))


def test_what_is_missing_is_named_at_start_with_what_installs_it(settings, monkeypatch):
    assert checks.faults_can_be_sent(None) == []
    settings.SENTRY_DSN = NOWHERE
    assert checks.faults_can_be_sent(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    (found,) = checks.faults_can_be_sent(None)
    assert (found.id, "-r config/production-requirements.txt" in found.hint) == ("voice.E004", True)
