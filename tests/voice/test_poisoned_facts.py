"""What Redis keeps of a live call may be old, torn or wrong: the caller hears the answer all the same."""

import json

import pytest
from django.test import Client

from knowledge import caching, ingestion
from tests.conftest import SERVICE_TOKEN
from voice import journal, tools
from voice.models import ToolCall

FERRY = "The ferry to Gull Island leaves at nine in the morning from pier two."
QUESTION = "When does the ferry to Gull Island leave?"


@pytest.fixture
def call(transactional_db, session):
    """A live call of a persona that knows when the ferry leaves."""
    ingestion.ingest(ingestion.receive(session.conversation.persona, "Timetable", text=FERRY))
    yield session
    journal.flush()


def ask(call):
    parameters = {"query": QUESTION, "persona_id": str(call.conversation.persona_id)}
    known = {"function_name": tools.TOOL_NAME, "conversation_id": call.elevenlabs_conversation_id}
    return Client(raise_request_exception=False).post(
        "/elevenlabs/function-call",
        json.dumps(known | {"parameters": parameters}),
        content_type="application/json",
        headers={"X-Service-Token": SERVICE_TOKEN},
    )


@pytest.mark.parametrize(
    "fact",
    ["{persona}|{session}", "{persona}|{session}|en|more", "{persona}|seven|en", "", "|", "\udcff\udcfe", "null"],
    ids=["of the version before", "of a later version", "no number", "empty", "bare", "no text", "null"],
)
def test_a_live_fact_that_cannot_be_read_is_looked_up_in_the_rows(call, fact):
    told = fact.format(persona=call.conversation.persona_id, session=call.pk)
    caching.remember(tools.live_key(call.elevenlabs_conversation_id), told.encode("utf-8", "surrogateescape"), 900)
    answer = ask(call)
    assert answer.status_code == 200
    assert "nine in the morning" in answer.json()["result"]["content"]
    assert journal.flush() and ToolCall.objects.get().session == call


@pytest.mark.parametrize("session_id", ["-1", "0", "9" * 30])
def test_a_live_fact_of_a_session_that_cannot_be_is_looked_up_in_the_rows(call, session_id):
    fact = f"{call.conversation.persona_id}|{session_id}|en".encode()
    caching.remember(tools.live_key(call.elevenlabs_conversation_id), fact, 900)
    assert ask(call).json()["success"]
    assert journal.flush() and ToolCall.objects.get().session == call


@pytest.mark.parametrize(
    "thread", [b"\xff", b'["\xff"]', b"[1]", b"{}", b"[[[[", b'["\\ud800"]', b'["a\\u0000b"]', b'["and when?"]' * 2]
)
def test_a_thread_that_cannot_be_read_leaves_the_question_as_it_is(call, thread):
    caching.remember(tools.thread_key(call.elevenlabs_conversation_id), thread, 900)
    answer = ask(call)
    assert answer.status_code == 200
    assert "nine in the morning" in answer.json()["result"]["content"]
    assert journal.flush() and ToolCall.objects.count() == 1


@pytest.mark.parametrize("line", [b"\xff\xfe", b""])
def test_a_fallback_line_that_cannot_be_read_is_replaced_by_ours(call, settings, line):
    settings.TOOL_BUDGET_MS = 0
    caching.remember(tools.fallback_key(call.conversation.persona_id), line, 900)
    answer = ask(call)
    assert answer.status_code == 200
    assert answer.json()["result"]["content"] == tools.SPOKEN_FAULT
