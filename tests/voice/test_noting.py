"""Both channels are noted through one door, after the answer, and no fault of it reaches a visitor."""

import uuid

import pytest
from django.db import DatabaseError

from knowledge import ingestion, usage
from knowledge.models import Asked
from tests.voice.test_parity import spoken, typed
from voice import journal
from voice.models import Conversation, Session, ToolCall

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "When does the ferry leave?"


@pytest.fixture
def knowing(persona):
    ingestion.ingest(ingestion.receive(persona, "Timetable", text="The ferry leaves at nine in the morning."))
    return persona


@pytest.fixture
def talking(knowing):
    thread = Conversation.objects.create(persona=knowing, visitor=uuid.uuid4())
    return Session.objects.create(conversation=thread, elevenlabs_conversation_id="conv_1")


def test_a_typed_question_is_noted_with_its_thread(client, knowing):
    typed(client, knowing, QUESTION)
    asked = Asked.objects.get()
    assert (asked.channel, asked.found, asked.cited.count()) == ("typed", True, 1)
    assert asked.thread == str(Conversation.objects.get().pk)


def test_the_same_question_sent_twice_is_noted_once(client, knowing):
    for _ in range(2):
        response = client.post(f"/chat/{knowing.slug}/say/", {"text": QUESTION, "key": "one"}, headers={"Accept": "application/x-ndjson"})  # fmt: skip
        b"".join(response.streaming_content)
    assert Asked.objects.count() == 1


def test_a_spoken_question_is_noted_cached_or_not(client, talking):
    for _ in range(2):
        assert "nine" in spoken(client, talking, QUESTION)["content"]
    assert journal.flush()
    assert ToolCall.objects.filter(cached=True).count() == 1
    assert [(asked.channel, asked.cited.count()) for asked in Asked.objects.all()] == [("spoken", 1)] * 2
    assert Asked.objects.first().thread == str(talking.conversation_id)


def test_a_spoken_question_without_an_answer_is_noted_with_the_reason(client, talking):
    spoken(client, talking, "Who wrote the opera about Figaro?")
    assert journal.flush()
    asked = Asked.objects.get()
    assert not asked.found
    assert asked.reason


def test_a_call_that_was_refused_is_nobodys_question(client, talking, settings):
    settings.TOOL_CALLS_PER_CONVERSATION = 0
    client.post("/elevenlabs/function-call", {"function_name": "query_persona_knowledge", "parameters": {"query": QUESTION, "persona_id": str(talking.conversation.persona_id)}, "conversation_id": "conv_1"}, content_type="application/json", headers={"X-Service-Token": settings.SERVICE_TOKENS[0]})  # fmt: skip
    assert journal.flush()
    assert ToolCall.objects.get().outcome == "limited"
    assert Asked.objects.count() == 0


def test_a_fault_while_noting_reaches_neither_visitor_nor_tool_call(client, knowing, talking, monkeypatch):
    def fail(*_, **__):
        raise DatabaseError

    monkeypatch.setattr(usage, "_keep", fail)
    assert "nine" in typed(client, knowing, QUESTION)["text"]
    assert "nine" in spoken(client, talking, QUESTION)["content"]
    assert journal.flush()
    assert ToolCall.objects.count() == 1
    assert Asked.objects.count() == 0


def test_a_deleted_thread_leaves_no_question_behind(client, knowing, talking):
    typed(client, knowing, QUESTION)
    spoken(client, talking, QUESTION)
    assert journal.flush()
    assert Asked.objects.count() == 2
    Conversation.objects.all().delete()
    assert Asked.objects.count() == 0


def test_a_diary_that_cannot_be_written_repeats_no_question_in_the_log(talking, caplog):
    row = ToolCall(
        session=talking, function="f", question="Who is Mrs Miller's doctor?", outcome="nothing", milliseconds=None
    )
    journal.write(row)
    assert not journal.flush(0.5)
    assert "not written yet" in caplog.text
    assert "Miller" not in caplog.text
    row.milliseconds = {}
    assert journal.flush()
