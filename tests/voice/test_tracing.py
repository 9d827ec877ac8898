"""What a collector of traces is sent, read off its own wire; and that it is sent nothing anybody said."""

import subprocess
import sys
import time

import pytest
from django.test import Client

from config.celery import app as celery
from knowledge import telemetry
from tests import workers
from tests.conftest import NOWHERE, ROOT, SERVICE_TOKEN
from tests.storms import wait_until
from tests.voice import collector
from tests.voice.conftest import post_signed
from tests.voice.test_tools import QUESTION, ask, body, call  # noqa: F401  (a fixture)
from tests.voice.test_views import say
from voice import agents, checks, journal, lookups, tracing

LOOKED_UP = {"tool call", "recall", "rows", "search", "index", "embed", "score", "compose"}
DOOR = "POST /elevenlabs/function-call"


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """Real commits, since the answer is looked up on another thread."""
    yield
    journal.flush()


@pytest.fixture
def traced(settings):
    """This process traces. Give the collector what has come so far by ``traced.flush()``."""
    with collector.listening() as collected:
        settings.OTEL_EXPORTER_OTLP_ENDPOINT = collected.url
        tracer = tracing.begin()
        collected.flush = tracer.flush
        yield collected
        telemetry.watching.tracer = None
        tracer.end()


def under(collected, name):
    """{name of a span: name of the one it belongs to} of the trace that a span is in."""
    trace = collected.named(name).trace
    names = {span.id: span.name for span in collected.spans if span.trace == trace}
    return {span.name: names.get(span.parent) for span in collected.spans if span.trace == trace}


def test_a_tool_call_is_one_trace_with_each_step_in_its_place(traced, call):  # noqa: F811
    ask(body(call))
    traced.flush()
    assert under(traced, DOOR) == {
        DOOR: None,
        "tool call": DOOR,
        **dict.fromkeys(["recall", "rows", "search", "compose"], "tool call"),
        **dict.fromkeys(["index", "embed", "score"], "search"),
    }
    about = traced.named("tool call").about
    assert (about["outcome"], about["cached"]) == ("answered", False)
    assert traced.named(DOOR).about["http.response.status_code"] == 200
    assert (traced.paths, traced.named(DOOR).service) == ({"/v1/traces"}, "clone-advisor")


def test_every_step_of_a_tool_call_names_the_conversation(traced, call):  # noqa: F811
    ask(body(call))
    traced.flush()
    assert {span.about.get("conversation") for span in traced.spans} == {call.elevenlabs_conversation_id}


def test_no_word_of_a_question_or_an_answer_and_no_secret_is_sent(traced, call, client, settings):  # noqa: F811
    ask(body(call))
    say(client, call.conversation.persona, QUESTION)
    client.get("/?question=Gull&token=secret-in-a-query", headers={"Cookie": "visit=secret-in-a-cookie"})
    traced.flush()
    assert traced.raw
    for word in ("ferry", "Gull", "nine", "pier", SERVICE_TOKEN, "secret-in", settings.SECRET_KEY):
        assert word.encode() not in traced.raw


def test_a_typed_question_is_followed_into_its_stream(traced, call, client):  # noqa: F811
    say(client, call.conversation.persona, QUESTION)
    traced.flush()
    found = under(traced, "POST /chat/<slug:slug>/say/")
    assert found["search"] == "POST /chat/<slug:slug>/say/ (streamed)"
    assert found["POST /chat/<slug:slug>/say/ (streamed)"] == "POST /chat/<slug:slug>/say/"


def test_a_fault_is_named_by_its_kind_and_never_by_its_words(traced, call, monkeypatch):  # noqa: F811
    def fail(*_):
        raise ValueError(f"no vector for {QUESTION}")

    monkeypatch.setattr(lookups.answering, "answer", fail)
    assert ask(body(call)).json()["success"] is False
    traced.flush()
    assert traced.named("tool call").about["outcome"] == "fallback"
    assert b"ferry" not in traced.raw
    with pytest.raises(ValueError), telemetry.span("step"):
        fail()
    traced.flush()
    step = traced.named("step")
    assert (step.failed, step.about["error.type"], step.events) == (True, "ValueError", 0)


def test_a_refusal_is_no_fault_of_ours(traced, call):  # noqa: F811
    assert ask(body(call, persona_id=None), token="wrong").status_code == 401
    traced.flush()
    assert traced.named(DOOR).failed is False


def test_the_trace_that_a_stranger_names_is_not_believed(traced):
    stranger = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    Client().get("/nothing/here/", headers={"traceparent": stranger})
    traced.flush()
    span = traced.named("GET nowhere")
    assert (span.trace == "ab" * 16, span.parent) == (False, "")


def test_pages_that_machines_ask_for_all_day_are_left_out(traced, client):
    for page in ("/healthz", "/readyz", "/metrics"):
        client.get(page)
    traced.flush()
    assert traced.spans == []


def test_what_is_asked_of_elevenlabs_is_a_step_without_the_key(traced, standin, make_persona):
    agents.sync(agents.note(make_persona()))
    traced.flush()
    assert {"elevenlabs AgentsClient.create", "elevenlabs ToolsClient.create"} <= {span.name for span in traced.spans}
    assert {span.about["outcome"] for span in traced.spans} == {"answered"}
    assert b"key-of-the-tests" not in traced.raw


def test_a_task_in_a_real_worker_goes_on_with_the_trace_of_the_request(
    traced, tmp_path, client, session, webhook_secret
):
    task = "task voice.tasks.read_delivery"
    celery.conf.task_always_eager = False
    try:
        with workers.running(tmp_path / "log", OTEL_EXPORTER_OTLP_ENDPOINT=traced.url):
            assert post_signed(client, {"type": "something_new", "data": {"conversation_id": "conv_1"}}).json()
            traced.flush()
            assert wait_until(lambda: task in {span.name for span in traced.spans}, 90), (tmp_path / "log").read_text()
    finally:
        celery.conf.task_always_eager = True
    assert under(traced, task)[task] == "POST /elevenlabs/post-call"
    assert {"conversation": "conv_1", "outcome": "success"}.items() <= traced.named(task).about.items()


def run(program, **environment):
    """A process of its own with Django set up; what it printed, and the seconds it took."""
    began = time.monotonic()
    known = {**workers.os.environ, "DATABASE_URL": workers.database(), **environment}
    program = f"import sys, django; django.setup(); {program}"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=known, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr, time.monotonic() - began


def test_nothing_is_loaded_for_it_while_the_setting_is_empty():
    """redis-py, where it finds the SDK, loads what that has for figures; the exporter and spans nobody asks for."""
    ours = ("voice.tracing", "opentelemetry.exporter", "opentelemetry.sdk.trace.export", "sentry_sdk")
    assert (
        run(f"import config.celery, config.urls; print([name for name in {ours} if name in sys.modules])")[0] == "[]\n"
    )


def test_a_collector_that_is_away_is_said_once_and_holds_up_nobody():
    steps = "from knowledge import telemetry as t; [t.span('step').__enter__().__exit__(None, None, None) for _ in range(3000)]"
    said, seconds = run(steps, OTEL_EXPORTER_OTLP_ENDPOINT=NOWHERE)
    assert said.count("the collector does not take them") == 1
    assert len(said.splitlines()) == 1
    assert seconds < 60


def test_what_is_missing_is_named_at_start_with_what_installs_it(settings, monkeypatch):
    assert checks.traces_can_be_sent(None) == []
    settings.OTEL_EXPORTER_OTLP_ENDPOINT = NOWHERE
    assert checks.traces_can_be_sent(None) == []
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    (found,) = checks.traces_can_be_sent(None)
    assert (found.id, "-r config/production-requirements.txt" in found.hint) == ("voice.E006", True)
