"""Reports as ElevenLabs sends them: the stand-in signs and posts them to the real door, and fails on demand."""

import time

import pytest

from voice import agents, reconciliation, tasks
from voice.models import Agent, Conversation, Delivery, Session, Turn

SAID = [
    {"role": "user", "message": "When does the ferry leave?", "time_in_call_secs": 3},
    {"role": "agent", "message": "The ferry leaves at nine.", "time_in_call_secs": 5},
]


@pytest.fixture
def site(live_server, standin, settings, make_persona):
    """The site as ElevenLabs reaches it, with one agent in step: its webhook and secret are what sync made."""
    settings.PUBLIC_URL = live_server.url
    standin.http.post("/standin/reset").raise_for_status()
    agent = Agent.objects.get(persona=make_persona())
    agents.sync(agent)
    agent.refresh_from_db()
    return agent


@pytest.fixture
def make_call(standin, site):
    """A call of an hour ago that is known here; ElevenLabs reports it now."""

    def make(number=0):
        conversation_id = f"conv_{number}"
        thread = Conversation.objects.create(persona=site.persona, visitor="00000000-0000-4000-8000-000000000001")
        session = Session.objects.create(conversation=thread, elevenlabs_conversation_id=conversation_id)
        Session.objects.filter(pk=session.pk).update(seen_at="2026-01-01T00:00:00Z")
        told = {
            "agent_id": site.elevenlabs_agent_id, "conversation_id": conversation_id, "transcript": SAID,
            "start_time_unix_secs": int(time.time()) - 3600, "report": True,
        }  # fmt: skip
        standin.http.post("/standin/conversations", json=told).raise_for_status()
        return session

    return make


def fail(standin, do, **rule):
    standin.http.post("/standin/faults", json={"on": "webhook", "do": do, "times": 1, **rule}).raise_for_status()


def attempts(standin):
    """The statuses with which the door answered, in order, once nothing is on its way any more."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        sent = standin.http.get("/standin/deliveries").json()["deliveries"]
        if sent and all(one["attempts"] or "fault" in one["state"] or "held" in one["state"] for one in sent):
            time.sleep(0.2)  # a second attempt follows the first at once
            sent = standin.http.get("/standin/deliveries").json()["deliveries"]
            return [attempt["status"] for one in sent for attempt in one["attempts"]]
        time.sleep(0.05)
    raise AssertionError("The reports were not sent.")


def read_all():
    """What workers do: everything waiting, then a search for what is missing."""
    for delivery in Delivery.objects.waiting():
        tasks.read_delivery(delivery.pk)
    reconciliation.run()


@pytest.mark.parametrize(
    ("fault", "answered", "kept"),
    [
        ({"do": "undelivered"}, [], ["fetched"]),
        ({"do": "twice"}, [200, 200], ["sent"]),
        ({"do": "late", "seconds": 0.3}, [200], ["sent"]),
        ({"do": "bad_signature"}, [401], ["fetched"]),
        ({"do": "stale"}, [200], ["stale", "fetched"]),
    ],
)
def test_whatever_befalls_a_report_the_thread_is_whole(standin, make_call, fault, answered, kept):
    fail(standin, **fault)
    session = make_call()
    assert attempts(standin) == answered
    read_all()
    session.refresh_from_db()
    assert [turn.text for turn in session.conversation.turns.all()] == [turn["message"] for turn in SAID]
    assert (session.status, session.reported_at is not None) == ("done", True)
    assert [delivery.origin for delivery in Delivery.objects.order_by("pk")] == kept
    assert not Delivery.objects.filter(read_at=None).exists()


def test_two_reports_in_the_wrong_order_fill_two_threads(standin, make_call):
    fail(standin, "out_of_order")
    first, second = make_call(1), make_call(2)
    until = time.monotonic() + 20
    while Delivery.objects.count() < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert [delivery.subject for delivery in Delivery.objects.order_by("pk")] == ["conv_2", "conv_1"]
    read_all()
    for session in (first, second):
        assert session.conversation.turns.count() == len(SAID)
    assert Turn.objects.count() == 2 * len(SAID)
