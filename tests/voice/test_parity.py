"""Typed and spoken answers come from one place: over all golden questions, the same words and the same citations."""

import json
import uuid

import pytest
from django.core.management import call_command

from personas.models import Persona
from tests.conftest import ROOT, SERVICE_TOKEN
from voice.models import Agent, Conversation, Session

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


@pytest.mark.django_db(transaction=True)
def test_over_all_golden_questions_typed_and_spoken_answers_cite_the_same(client, settings, monkeypatch):
    settings.TOOL_CALLS_PER_CONVERSATION = 1000
    monkeypatch.setattr("voice.views.is_too_fast", lambda *_: False)
    call_command("load_demo", verbosity=0)
    asked = 0
    for golden in GOLDEN:
        persona = Persona.objects.get(slug=golden["slug"])
        Agent.objects.filter(persona=persona).update(elevenlabs_agent_id="agent_1")
        thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
        session = Session.objects.create(conversation=thread, elevenlabs_conversation_id=f"conv_{persona.slug}")
        for question in golden["questions"]:
            heard, read = spoken(client, session, question["question"]), typed(client, persona, question["question"])
            assert heard["content"] == read["text"]
            shown = [
                {name: value for name, value in citation.items() if name != "url"} for citation in read["citations"]
            ]
            assert heard["citations"] == shown
            asked += 1
    assert asked >= 40
