"""Calls whose report never came are fetched from ElevenLabs, which the stand-in plays, and open ones are closed."""

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.voice.conftest import post_signed
from voice import agents, gateway, reconciliation, tasks
from voice.models import Agent, Conversation, Delivery, Forgotten, Session, Turn

pytestmark = pytest.mark.django_db
SAID = [
    {"role": "agent", "message": "Good morning.", "time_in_call_secs": 0},
    {"role": "user", "message": "When does the ferry leave?", "time_in_call_secs": 3},
    {"role": "agent", "message": "The ferry leaves at nine.", "time_in_call_secs": 5},
]


@pytest.fixture
def agent(standin, persona):
    """The persona's agent, in step with the stand-in."""
    row = Agent.objects.get(persona=persona)
    agents.sync(row)
    row.refresh_from_db()
    return row


@pytest.fixture
def record(standin, agent):
    """A past call at ElevenLabs that was reported to nobody; its id."""

    def put(minutes=60, **told):
        began = int(time.time()) - minutes * 60
        body = {"agent_id": agent.elevenlabs_agent_id, "start_time_unix_secs": began, "transcript": SAID, **told}
        response = standin.http.post("/standin/conversations", json=body)
        return response.raise_for_status().json()["conversation_id"]

    return put


@pytest.fixture
def make_session(persona):
    """A call of ours, of which nothing was heard for an hour unless said otherwise."""

    def make(conversation_id="", minutes=60, **fields):
        at = timezone.now() - timedelta(minutes=minutes)
        thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
        defaults = {
            "started_at": at,
            "seen_at": at,
            "elevenlabs_conversation_id": conversation_id or f"conv_{uuid.uuid4().hex}",
        }
        return Session.objects.create(conversation=thread, **{**defaults, **fields})

    return make


def asked(standin, conversation_id=""):
    """What was asked of conversations, or of that one."""
    return standin.requests("GET", "/v1/convai/conversations" + (conversation_id and f"/{conversation_id}"))


def run_again():
    """As minutes later."""
    Agent.objects.update(searched_at=None)
    Session.objects.update(ask_at=None)
    reconciliation.run()


def test_a_call_that_was_never_reported_is_fetched_and_filled_in_like_a_reported_one(record, make_session):
    session = make_session(record(termination_reason="Call ended by remote party"))
    reconciliation.run()
    session.refresh_from_db()
    assert [turn.text for turn in session.conversation.turns.all()] == [turn["message"] for turn in SAID]
    assert (session.status, session.termination_reason) == ("done", "Call ended by remote party")
    delivery = Delivery.objects.get()
    assert (delivery.origin, delivery.subject) == ("fetched", session.elevenlabs_conversation_id)
    assert delivery.read_at is not None


def test_a_call_that_stayed_open_is_closed_when_and_why_elevenlabs_says(record, make_session):
    error = {"code": 1002, "reason": "This request exceeds your quota limit."}
    session = make_session(record(minutes=60, error=error, call_duration_secs=30))
    reconciliation.run()
    session.refresh_from_db()
    assert (session.status, session.ending) == ("failed", "This request exceeds your quota limit.")
    assert abs(session.ended_at - (timezone.now() - timedelta(minutes=60) + timedelta(seconds=30))) < timedelta(
        minutes=1
    )


def test_a_call_that_elevenlabs_never_had_is_closed_as_never_connected_and_asked_for_once(standin, agent, make_session):
    session = make_session()
    reconciliation.run()
    reconciliation.run()
    session.refresh_from_db()
    assert (session.ending, session.ended_at) == ("never connected", session.seen_at)
    assert len(asked(standin, session.elevenlabs_conversation_id)) == 1


def test_a_call_that_was_deleted_there_is_asked_for_once_and_keeps_what_the_page_told(standin, agent, make_session):
    session = make_session(ended_at=timezone.now() - timedelta(minutes=50))
    Turn.objects.create(conversation=session.conversation, session=session, key="a", speaker="visitor", text="Hello.")
    reconciliation.run()
    reconciliation.run()
    session.refresh_from_db()
    assert session.ending == "deleted at ElevenLabs"
    assert session.turns.count() == 1
    assert len(asked(standin, session.elevenlabs_conversation_id)) == 1


def test_a_call_whose_address_can_still_open_it_is_left_open(agent, make_session):
    session = make_session(minutes=5)
    reconciliation.run()
    session.refresh_from_db()
    assert (session.ended_at, session.gone_at) == (None, None)


def test_a_call_that_is_going_on_is_not_asked_about(standin, agent, make_session):
    session = make_session(seen_at=timezone.now())
    reconciliation.run()
    assert asked(standin, session.elevenlabs_conversation_id) == []


@pytest.mark.parametrize("status", ["in-progress", "processing"])
def test_a_call_that_is_not_over_is_asked_for_again_later_until_it_is(standin, record, make_session, status):
    session = make_session(record(status=status))
    reconciliation.run()
    reconciliation.run()
    assert len(asked(standin, session.elevenlabs_conversation_id)) == 1
    record(conversation_id=session.elevenlabs_conversation_id, status="done")
    Session.objects.update(ask_at=timezone.now())
    reconciliation.run()
    session.refresh_from_db()
    assert session.status == "done"


def test_a_call_older_than_elevenlabs_keeps_any_is_not_asked_for(standin, agent, make_session, settings):
    settings.ELEVENLABS_RETENTION_DAYS = 30
    session = make_session(minutes=31 * 24 * 60)
    reconciliation.run()
    assert asked(standin, session.elevenlabs_conversation_id) == []


def test_a_place_held_for_a_call_to_come_is_not_asked_for(standin, agent, make_session):
    make_session(f"reserved:{uuid.uuid4()}")
    reconciliation.run()
    assert not [row for row in asked(standin) if "reserved" in row["path"]]


def test_a_place_held_for_a_call_that_never_came_is_closed(standin, agent, make_session):
    left, fresh = make_session(f"phone:{uuid.uuid4()}", minutes=120), make_session(f"phone:{uuid.uuid4()}", minutes=20)
    reconciliation.run()
    left.refresh_from_db()
    fresh.refresh_from_db()
    assert (left.ended_at, left.ending) == (left.seen_at, "never connected")
    assert fresh.ended_at is None


def test_of_250_calls_the_list_is_read_to_its_end_and_only_the_unreported_are_fetched(
    standin, agent, make_session, record
):
    calls = [record(minutes=23 * 60 - number, transcript=SAID[:1]) for number in range(250)]
    ours = make_session(calls[220])
    known = {"conversation": ours.conversation, "reported_at": timezone.now(), "ended_at": timezone.now()}
    Session.objects.bulk_create(Session(elevenlabs_conversation_id=one, **known) for one in calls[:220])
    standin.forget_requests()
    reconciliation.run()
    assert len([row for row in asked(standin) if row["path"].endswith("/conversations")]) == 3
    assert len(asked(standin)) == 3 + 30
    assert Session.objects.exclude(reported_at=None).count() == 250
    assert Session.objects.get(pk=ours.pk).turns.count() == 1
    standin.forget_requests()
    run_again()
    assert len(asked(standin)) == 1  # a look at the list, and nothing new in it


def test_a_run_asks_no_more_than_it_may_and_the_next_one_goes_on(standin, agent, make_session, record):
    ours, unknown = [make_session(record()) for _ in range(4)], [record(minutes=40 - number) for number in range(4)]
    asked_for = []
    for _ in range(5):
        standin.forget_requests()
        Agent.objects.update(searched_at=None)
        reconciliation.run(requests=3)
        asked_for.append(len(asked(standin)))
    assert max(asked_for) == 3
    assert Session.objects.exclude(reported_at=None).count() == len(ours) + len(unknown)


def test_a_call_begun_at_elevenlabs_is_kept_as_such_and_shown_to_no_visitor(client, persona, record):
    conversation_id = record(minutes=30)
    client.get(f"/chat/{persona.slug}/")
    reconciliation.run()
    thread = Conversation.objects.get(sessions__elevenlabs_conversation_id=conversation_id)
    assert (thread.elsewhere, thread.persona, thread.turns.count()) == (True, persona, 3)
    assert "The ferry leaves at nine." not in client.get(f"/chat/{persona.slug}/").content.decode()


def test_a_call_just_begun_there_is_left_until_its_row_would_have_come(record, agent):
    record(minutes=5)
    reconciliation.run()
    assert not Session.objects.exists()
    agent.refresh_from_db()
    assert agent.searched_to < timezone.now() - timedelta(minutes=14)


def test_an_unknown_call_that_is_not_over_is_found_by_a_later_run(record):
    conversation_id = record(minutes=30, status="processing")
    record(minutes=25)
    reconciliation.run()
    assert Session.objects.count() == 1
    record(minutes=30, conversation_id=conversation_id)
    run_again()
    assert Session.objects.filter(elevenlabs_conversation_id=conversation_id).exclude(reported_at=None).exists()


def test_the_calls_of_other_agents_are_not_looked_at(standin, agent, record):
    made = standin.http.post("/v1/convai/agents/create", json={"conversation_config": {}, "name": "Somebody else's"})
    record(agent_id=made.raise_for_status().json()["agent_id"])
    reconciliation.run()
    assert not Session.objects.exists()
    assert not Delivery.objects.exists()


def test_when_told_to_wait_the_run_ends_and_the_next_one_goes_on(standin, record, make_session):
    sessions = [make_session(record()) for _ in range(5)]
    standin.fail("status", path="/v1/convai/conversations/*", status=429, times=1)
    standin.forget_requests()
    reconciliation.run()
    assert len(asked(standin)) == 1
    until = time.monotonic() + 20  # as long as we were told to wait, nothing is asked
    while Session.objects.exclude(reported_at=None).count() < len(sessions) and time.monotonic() < until:
        time.sleep(0.3)
        run_again()
    assert Session.objects.exclude(reported_at=None).count() == len(sessions)


def test_a_report_that_comes_after_it_was_fetched_changes_nothing_said(client, webhook_secret, record, make_session):
    session = make_session(record())
    reconciliation.run()
    before = [(turn.pk, turn.text) for turn in session.conversation.turns.all()]
    data = gateway.conversation(session.elevenlabs_conversation_id)
    post_signed(client, {"type": "post_call_transcription", "event_timestamp": int(time.time()), "data": data})
    tasks.read_delivery(Delivery.objects.get(origin="sent").pk)
    assert [(turn.pk, turn.text) for turn in session.conversation.turns.all()] == before


def test_a_report_with_an_old_signature_is_fetched_instead_of_believed(client, webhook_secret, record, make_session):
    session = make_session(record())
    lie = {"conversation_id": session.elevenlabs_conversation_id, "transcript": [{"role": "user", "message": "A lie."}]}
    event = {"type": "post_call_transcription", "event_timestamp": 5, "data": lie}
    assert post_signed(client, event, at=time.time() - 3600).status_code == 200
    tasks.read_delivery(Delivery.objects.get().pk)
    assert [turn.text for turn in session.conversation.turns.all()] == [turn["message"] for turn in SAID]
    assert Delivery.objects.get(origin="stale").read_at is not None


def test_a_stale_report_of_a_call_elevenlabs_does_not_know_is_let_go_with_the_reason(client, webhook_secret, agent):
    event = {"type": "post_call_transcription", "event_timestamp": 5, "data": {"conversation_id": "conv_unknown"}}
    post_signed(client, event, at=time.time() - 3600)
    tasks.read_delivery(Delivery.objects.get().pk)
    stale = Delivery.objects.get()
    assert stale.read_at is not None
    assert "404" in stale.problem


def test_a_stale_report_waits_while_elevenlabs_does_not_answer(client, webhook_secret, standin, record, make_session):
    session = make_session(record())
    event = {"type": "x", "event_timestamp": 5, "data": {"conversation_id": session.elevenlabs_conversation_id}}
    post_signed(client, event, at=time.time() - 3600)
    standin.fail("status", status=503, times=1)
    tasks.read_delivery(Delivery.objects.get().pk)
    stale = Delivery.objects.get()
    assert (stale.read_at, stale.attempts) == (None, 1)
    tasks.read_delivery(stale.pk)
    session.refresh_from_db()
    assert session.reported_at is not None


def test_a_thread_that_was_deleted_here_does_not_come_back(client, webhook_secret, record, make_session):
    session = make_session(record())
    reconciliation.run()
    session.conversation.delete()
    assert not Delivery.objects.exists()
    Agent.objects.update(searched_to=None)
    run_again()
    data = {"conversation_id": session.elevenlabs_conversation_id, "agent_id": Agent.objects.get().elevenlabs_agent_id}
    post_signed(client, {"type": "post_call_transcription", "event_timestamp": 5, "data": data})
    tasks.read_delivery(Delivery.objects.get().pk)
    assert not Conversation.objects.exists()
    assert Forgotten.objects.get().elevenlabs_conversation_id == session.elevenlabs_conversation_id


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_fetch_every_call_once(standin, record, make_session):
    sessions = [make_session(record()) for _ in range(10)]
    unknown = [record(minutes=30) for _ in range(5)]
    standin.forget_requests()

    def run():
        try:
            reconciliation.run()
        finally:
            connection.close()

    workers = [threading.Thread(target=run) for _ in range(2)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    paths = [row["path"] for row in asked(standin) if not row["path"].endswith("/conversations")]
    assert len(paths) == len(set(paths)) == len(sessions) + len(unknown)
    assert Session.objects.exclude(reported_at=None).count() == len(paths)
    assert Turn.objects.count() == 3 * len(paths)
