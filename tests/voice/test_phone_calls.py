"""A phone call from the first ring to the timeline, against the stand-in: nothing between the two is pretended."""

import time

import pytest
from django.contrib.auth.models import User

from knowledge import ingestion
from tests.voice.lifting import CALLED, CALLER
from tests.voice.test_tools import QUESTION, TIMETABLE
from voice import agents, conversations, journal, lines, phones, ringing
from voice.models import Agent, Conversation, Delivery, PhoneNumber, Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server, settings, monkeypatch):
    """Our own doors, where the stand-in reaches them; patient with a busy machine."""
    monkeypatch.setattr(ringing, "BUDGET_SECONDS", 20)
    settings.PUBLIC_URL = live_server.url
    return live_server


@pytest.fixture
def number(standin, site, make_persona):
    """A number of the account that a persona with a timetable answers, all of it in step."""
    for row in standin.http.get("/v1/convai/phone-numbers").json():
        standin.http.delete(f"/v1/convai/phone-numbers/{row['phone_number_id']}").raise_for_status()
    bought = {"provider": "twilio", "phone_number": CALLED, "label": "Front desk", "sid": "AC1", "token": "t"}
    standin.http.post("/v1/convai/phone-numbers", json=bought).raise_for_status()
    phones.refresh()
    number = PhoneNumber.objects.get()
    number.persona, number.notice, number.state = make_persona(), "This call is recorded.", "waiting"
    number.save()
    ingestion.ingest(ingestion.receive(number.persona, "Timetable", text=TIMETABLE))
    agents.sync(agents.note(number.persona))
    phones.sync(number)
    yield number
    journal.flush()


def dial(standin, **fields):
    response = standin.http.post("/standin/dial", json={"from": CALLER, "to": CALLED, "say": [QUESTION], **fields})
    return response.raise_for_status().json()


def wait_for(rows, seconds=30):
    until = time.monotonic() + seconds
    while not rows.exists():
        assert time.monotonic() < until, f"still no {rows.model.__name__}"
        time.sleep(0.05)
    return rows.first()


def reported(conversation_id):
    """The session, after its report has come and was read."""
    conversations.record(wait_for(Delivery.objects.filter(subject=conversation_id)))
    assert journal.flush()
    return Session.objects.get(elevenlabs_conversation_id=conversation_id)


@pytest.mark.parametrize("names_conversation", [True, False], ids=["named from the start", "named later"])
def test_a_phone_call_is_answered_with_citations_and_becomes_one_timeline(standin, number, client, names_conversation):
    told = dial(standin, names_conversation=names_conversation)
    assert told["connected"], told["reason"]
    session = reported(told["conversation_id"])
    assert (session.channel, session.call_sid, session.status) == ("phone", told["call_sid"], "done")
    assert session.conversation.persona == number.persona
    thread = session.conversation.turns.all()
    assert [turn.speaker for turn in thread] == ["persona", "visitor", "persona"]
    assert thread[0].text == "This call is recorded. Good morning."
    assert "nine in the morning" in thread[2].text
    assert [citation["document"] for citation in thread[2].citations] == ["Timetable"]
    (call,) = session.tool_calls.all()
    assert (call.outcome, call.question, call.turn) == ("answered", QUESTION, thread[2])
    client.force_login(User.objects.create_superuser("anna"))
    shown = client.get(f"/admin/voice/conversation/{session.conversation_id}/change/").content.decode()
    assert "by phone" in shown
    assert shown.index("This call is recorded.") < shown.index(QUESTION)


def test_two_calls_at_once_that_nobody_named_are_told_apart(standin, number):
    told = [dial(standin, names_conversation=False) for _ in range(2)]
    sessions = [reported(one["conversation_id"]) for one in told]
    assert [session.call_sid for session in sessions] == [one["call_sid"] for one in told]
    assert [session.tool_calls.get().outcome for session in sessions] == ["answered", "answered"]
    assert Conversation.objects.count() == 2


def test_a_call_in_which_nothing_was_asked_is_named_by_its_report(standin, number):
    told = dial(standin, say=["Hello."], names_conversation=False)
    assert not lines.is_named(Session.objects.get())
    session = reported(told["conversation_id"])
    assert (session.call_sid, session.conversation.turns.count()) == (told["call_sid"], 3)


def test_a_call_that_fails_after_our_answer_gives_its_line_back(standin, number):
    address = f"/v1/convai/agents/{Agent.objects.get().elevenlabs_agent_id}"
    forbidden = {"overrides": {"conversation_config_override": {"agent": {"first_message": False}}}}
    standin.http.patch(address, json={"platform_settings": forbidden}).raise_for_status()
    told = dial(standin)
    assert "not allowed by config" in told["reason"]
    session = reported(told["conversation_id"])
    assert session.call_sid == told["call_sid"]
    assert session.ended_at is not None


def test_a_draft_is_not_reached_by_phone(standin, number):
    number.persona.status = "draft"
    number.persona.save()
    told = dial(standin)
    assert (told["connected"], "409" in told["reason"]) == (False, True)
    assert not Conversation.objects.exists()


def test_a_number_given_away_behind_our_back_is_not_answered_in_its_old_name(standin, number, make_persona):
    other = make_persona("Lighthouse keeper")
    PhoneNumber.objects.update(persona=other)  # ours says the keeper, the other side still has the guide's agent
    agents.sync(agents.note(other))
    assert "403" in dial(standin)["reason"]
    assert not Conversation.objects.exists()


def test_after_the_token_was_replaced_the_phone_is_answered_once_the_sync_has_told(standin, number, settings):
    settings.SERVICE_TOKENS = ["the-new-token-of-the-tests"]
    assert "401" in dial(standin)["reason"]
    agents.sync(agents.note(number.persona, again=True))
    assert dial(standin, say=[])["connected"]
