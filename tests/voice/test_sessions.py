"""Voice connections: who gets one, what happens when none is to be had, and that nothing is left over."""

import json
import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client

from knowledge import caching
from voice import agents, calls, sessions, tools
from voice.models import Agent, Conversation, Session, Turn

pytestmark = pytest.mark.django_db
ADDRESS = "/chat/harbour-guide/voice/start/"


@pytest.fixture
def persona(standin, make_persona):
    """Published, and in step with the stand-in."""
    persona = make_persona(slug="harbour-guide", fallback_message="That is not in my books.")
    agents.sync(agents.note(persona))
    return persona


def start(client, **headers):
    return client.post(ADDRESS, "{}", content_type="application/json", headers=headers)


def test_the_page_gets_an_address_bound_to_a_conversation_and_never_the_key(client, persona, settings):
    response = start(client)
    given = response.json()
    assert given["signed_url"].startswith("ws://127.0.0.1")
    assert given["session"] in given["signed_url"]
    assert settings.ELEVENLABS_API_KEY not in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert Session.objects.get().elevenlabs_conversation_id == given["session"]


def test_the_agent_learns_what_was_typed_before_the_call(client, persona):
    client.get("/chat/harbour-guide/")
    thread = Conversation.objects.create(
        persona=persona, visitor=uuid.UUID(client.session.get("visitor") or str(uuid.uuid4()))
    )
    session = client.session
    session["visitor"] = str(thread.visitor)
    session.save()
    Turn.objects.create(
        conversation=thread, key="1", speaker="visitor", channel="typed", text="When does the bridge open?"
    )
    Turn.objects.create(conversation=thread, key="2", speaker="persona", channel="typed", text="x" * 3000)
    Turn.objects.create(conversation=thread, key="3", speaker="persona", channel="typed", text="At noon.")
    context = start(client).json()["context"]
    assert "At noon." in context
    assert len(context) < 1600


def test_a_question_in_the_call_may_lean_on_what_was_typed_before_it(client, persona):
    typed = ["What does the ferry cost?", "And for children?"]
    for text in typed:
        client.post("/chat/harbour-guide/say/", {"text": text})
    session = start(client).json()["session"]
    assert calls.read_thread(caching.recall_fact(tools.thread_key(session))) == typed


def test_where_voice_is_off_the_visitor_is_told_to_type(client, persona, settings):
    settings.ENABLE_VOICE_CHAT = False
    response = start(client)
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "off"
    assert "type" in response.json()["error"]["message"]


def test_where_voice_is_off_the_beta_users_have_it_all_the_same(client, persona, settings):
    settings.ENABLE_VOICE_CHAT = False
    settings.VOICE_CHAT_BETA_USERS = ["anna"]
    client.force_login(User.objects.create_user("berta"))
    assert start(client).status_code == 403
    client.force_login(User.objects.create_user("anna"))
    assert start(client).status_code == 200


def test_a_persona_without_its_agent_says_that_the_voice_is_being_set_up(client, standin, make_persona):
    make_persona(slug="harbour-guide")
    response = start(client)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_agent")


def test_when_all_lines_are_taken_the_next_visitor_is_told_and_nothing_is_kept(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 2
    for name in ("one", "two"):
        thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
        Session.objects.create(conversation=thread, elevenlabs_conversation_id=name)
    response = start(client)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "busy")
    assert response["Retry-After"] == "30"
    assert Session.objects.count() == 2
    Session.objects.filter(elevenlabs_conversation_id="one").update(ended_at="2026-01-01T00:00:00Z")
    assert start(client).status_code == 200


def test_a_page_that_vanished_gives_its_line_back(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
    Session.objects.create(conversation=thread, elevenlabs_conversation_id="one", seen_at="2026-01-01T00:00:00Z")
    assert start(client).status_code == 200


def test_a_second_start_from_the_same_browser_takes_one_line_and_not_two(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    assert start(client).status_code == 200
    assert start(client).status_code == 200
    assert Session.objects.live().count() == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [({"do": "status", "status": 429}, "unreachable"), ({"do": "status", "status": 500}, "unreachable"),
     ({"do": "drop"}, "unreachable"), ({"do": "hang", "seconds": 20}, "unreachable"), ({"do": "garbage"}, "unreachable"),
     ({"do": "status", "status": 401}, "refused"), ({"do": "status", "status": 422}, "refused"),
     ({"do": "status", "status": 404}, "no_agent")],
)  # fmt: skip
def test_whatever_elevenlabs_does_the_visitor_gets_a_sentence_and_the_line_is_free_again(
    client, persona, standin, fault, code
):
    standin.fail(**fault)
    response = start(client)
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert "typ" in error["message"]
    assert not Session.objects.exists()


def asked(standin):
    return len(standin.requests("GET", "/v1/convai/conversation/get-signed-url"))


def test_after_failures_in_a_row_visitors_are_told_at_once_and_one_tries_for_all(client, persona, standin):
    standin.fail("status", status=500)
    codes = [start(client).json()["error"]["code"] for _ in range(6)]
    assert codes == ["unreachable"] * 6
    assert asked(standin) == 3
    standin.mend()
    sessions.line._until = 0  # the few seconds are over
    assert start(client).status_code == 200
    assert start(Client()).status_code == 200
    assert asked(standin) == 5


def test_a_probe_that_fails_leaves_the_next_visitors_told_at_once(client, persona, standin):
    standin.fail("status", status=429, retry_after=60)
    for _ in range(3):
        start(client)
    sessions.line._until = 0
    start(client)
    start(client)
    assert asked(standin) == 4
    assert not Session.objects.exists()


def test_an_agent_that_is_gone_is_marked_to_be_made_again(client, persona, standin):
    standin.http.delete(f"/v1/convai/agents/{Agent.objects.get().elevenlabs_agent_id}").raise_for_status()
    assert start(client).json()["error"]["code"] == "no_agent"
    agent = Agent.objects.get()
    assert agent.state == "gone"
    assert agent in agents.waiting()
    agents.sync(agent)
    assert start(client).status_code == 200


def test_a_draft_starts_no_call_for_visitors(client, persona):
    persona.status = "draft"
    persona.save()
    assert start(client).status_code == 404


def test_the_page_can_end_its_call(client, persona):
    conversation_id = start(client).json()["session"]
    body = json.dumps({"session": conversation_id, "reason": "user"})
    assert client.post("/chat/harbour-guide/voice/end/", body, content_type="application/json").status_code == 200
    assert Session.objects.get().end_reason == "user"
