"""A question tried by staff is answered by voice as it would be in a call."""

import json
import uuid

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from knowledge import answering, ingestion, shelf
from tests.voice.test_parity import spoken
from voice import journal, rehearsal
from voice.models import Conversation, Session, ToolCall

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "When does the ferry leave?"


@pytest.fixture
def knowing(persona):
    ingestion.ingest(ingestion.receive(persona, "Timetable", text="The ferry leaves at nine in the morning."))
    return persona


@pytest.fixture
def page(client, knowing):
    client.force_login(User.objects.create_superuser("anna"))
    address = reverse("admin:knowledge_try_question", args=[knowing.pk])
    return lambda question: client.get(address, {"question": question}).content.decode()


def test_it_is_what_the_webhook_sends(client, knowing):
    thread = Conversation.objects.create(persona=knowing, visitor=uuid.uuid4())
    session = Session.objects.create(conversation=thread, elevenlabs_conversation_id="conv_1")
    for question in (QUESTION, "Who wrote the opera about Figaro?"):
        tried = rehearsal.rehearse(knowing, question)
        assert json.loads(tried.body) == {"result": spoken(client, session, question), "success": True, "error": None}
    assert journal.flush()


def test_a_rehearsal_is_no_call_and_is_not_counted(knowing):
    rehearsal.rehearse(knowing, QUESTION)
    assert ToolCall.objects.count() == 0


def test_the_second_time_it_comes_from_the_cache(knowing):
    rehearsal.rehearse(knowing, QUESTION)
    assert rehearsal.rehearse(knowing, QUESTION).cached


def test_the_page_shows_both_channels_and_that_they_agree(page):
    shown = page(QUESTION)
    assert "By voice" in shown
    assert "the same words and the same citations" in shown
    assert "of at most 500 characters" in shown
    assert "&quot;success&quot;: true" in shown


def test_the_page_says_when_they_differ(page, monkeypatch):
    monkeypatch.setattr(answering, "answer", lambda *_, **__: answering.Answer("Something else."))
    assert "The agent is handed something else" in page(QUESTION)


def test_an_index_that_is_not_ready_is_said_and_the_callers_hear_the_own_line(knowing, monkeypatch):
    def late(*_, **__):
        raise shelf.NotInTime("The index is still being built.")

    monkeypatch.setattr(answering, "answer", late)
    tried = rehearsal.rehearse(knowing, QUESTION)
    assert (tried.content, tried.problem) == (knowing.fallback_message, "The index is still being built.")


def test_the_page_shows_evidence_sentences_and_the_time_of_each_stage(page):
    shown = page(QUESTION)
    for expected in ("needed 0.", "Sentences weighed", 'badge-good">Said', "Searching", "milliseconds", "<meter"):
        assert expected in shown
