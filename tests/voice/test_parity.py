"""Typed and spoken answers come from one place: over all golden questions, the same words and the same citations."""

import json
import uuid

import pytest
from django.core.management import call_command

from personas.models import Persona
from tests.conftest import ROOT, SERVICE_TOKEN
from voice import journal
from voice.models import Agent, Conversation, Session

FOLLOW_UPS = json.loads((ROOT / "demo" / "follow-up-questions.json").read_text())["personas"]
GOLDEN = json.loads((ROOT / "demo" / "golden-questions.json").read_text())["personas"]


def spoken(client, session, question):
    parameters = {"query": question, "persona_id": str(session.conversation.persona_id)}
    body = {
        "function_name": "query_persona_knowledge", "parameters": parameters,
        "conversation_id": session.elevenlabs_conversation_id,
    }  # fmt: skip
    headers = {"X-Service-Token": SERVICE_TOKEN}
    return client.post("/elevenlabs/function-call", body, content_type="application/json", headers=headers).json()[
        "result"
    ]


def typed(client, persona, question):
    response = client.post(f"/chat/{persona.slug}/say/", {"text": question}, headers={"Accept": "application/x-ndjson"})
    return json.loads(b"".join(response.streaming_content).splitlines()[-1])["turn"]


def both(client, session, persona, question):
    """(the spoken answer, the typed one) to the next question of a call and of a chat."""
    heard, read = spoken(client, session, question), typed(client, persona, question)
    assert journal.flush()  # so that the next question of the call may lean on this one, as in the chat
    shown = [{name: value for name, value in citation.items() if name != "url"} for citation in read["citations"]]
    return (heard["content"], heard["citations"]), (read["text"], shown)


def call(persona, name):
    """A live call of that persona."""
    Agent.objects.filter(persona=persona).update(elevenlabs_agent_id="agent_1")
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
    return Session.objects.create(conversation=thread, elevenlabs_conversation_id=name)


@pytest.fixture
def demo(settings, monkeypatch, transactional_db):
    """The demo, and nobody who is told to slow down."""
    settings.TOOL_CALLS_PER_CONVERSATION = 1000
    monkeypatch.setattr("voice.views.threads.is_too_fast", lambda *_: False)
    call_command("load_demo", verbosity=0)


@pytest.mark.usefixtures("demo")
def test_over_all_golden_questions_typed_and_spoken_answers_cite_the_same(client):
    asked = 0
    for golden in GOLDEN:
        persona = Persona.objects.get(slug=golden["slug"])
        session = call(persona, f"conv_{persona.slug}")
        for question in golden["questions"]:
            heard, read = both(client, session, persona, question["question"])
            assert heard == read, question["question"]
            asked += 1
    assert asked >= 40


@pytest.mark.usefixtures("demo")
def test_questions_that_lean_on_others_are_answered_the_same_in_a_call_and_a_chat(client):
    described = FOLLOW_UPS[0]
    persona = Persona.objects.get(slug=described["slug"])
    for number, one in enumerate(described["questions"]):
        session = call(persona, f"conv_{number}")
        client.post(f"/chat/{persona.slug}/new/")
        for question in [*one["earlier"], one["question"]]:
            heard, read = both(client, session, persona, question)
            assert heard == read, one
