"""Ends of calls that only a page tells of: nothing comes free by that until ElevenLabs knows of it."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.standin.caller import Caller
from tests.standin.talkers import until
from voice import agents, capacity, endings, minutes, tasks
from voice.models import Session, Spent

pytestmark = pytest.mark.django_db
START, END = "/chat/harbour-guide/voice/start/", "/chat/harbour-guide/voice/end/"


@pytest.fixture
def persona(standin, make_persona):
    persona = make_persona(slug="harbour-guide")
    agents.sync(agents.note(persona))
    return persona


@pytest.fixture
def started(monkeypatch):
    """The tasks that a door started: [(name, *ids)]."""
    notes = []
    monkeypatch.setattr(tasks, "start", lambda task, *ids: notes.append((task.__name__, *ids)))
    return notes


def start(client):
    return client.post(START, "{}", content_type="application/json")


def end(client, session):
    return client.post(END, json.dumps({"session": session, "reason": "user"}), content_type="application/json")


def grown_older(session, **age):
    Session.objects.filter(elevenlabs_conversation_id=session).update(started_at=timezone.now() - timedelta(**age))


def one(conversation_id):
    return Session.objects.get(elevenlabs_conversation_id=conversation_id)


def see_over(conversation_id):
    """What the tasks do within seconds."""
    session = one(conversation_id)
    until(lambda: endings.look(session) == Session.There.OVER)


def test_whoever_says_end_at_once_and_begins_again_has_the_same_address_again(client, persona):
    first = start(client).json()
    assert end(client, first["session"]).status_code == 200
    again = start(client).json()
    assert (again["signed_url"], again["session"]) == (first["signed_url"], first["session"])
    assert Session.objects.live().count() == 1


def test_an_address_that_may_be_spoilt_is_given_again_three_times_at_most(client, persona):
    urls = [start(client).json()["signed_url"] for _ in range(5)]
    assert len(set(urls[:4])) == 1
    assert urls[4] != urls[0]


def test_a_call_that_was_only_said_to_be_over_keeps_its_line(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    session = start(client).json()["session"]
    end(client, session)
    tasks.look_at_call(one(session).pk)
    Session.objects.update(ended_at=timezone.now() - timedelta(minutes=10))
    assert start(Client()).status_code == 429


def test_its_line_is_free_when_its_address_can_no_longer_be_opened(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    session = start(client).json()["session"]
    end(client, session)
    grown_older(session, minutes=17)
    tasks.look_at_calls()
    assert one(session).gone_at
    assert start(Client()).status_code == 200


def test_a_call_that_was_only_said_to_be_over_counts_with_all_it_was_granted(client, persona, settings):
    settings.VOICE_MINUTES_PERSON_DAY = 1
    end(client, start(client).json()["session"])
    call = Session.objects.get()
    assert minutes.left(None, call.conversation.visitor, persona).seconds == 0


def test_who_hangs_up_and_calls_again_at_once_has_the_line_and_the_minutes(client, persona, settings):
    settings.VOICE_MAX_SESSIONS, settings.VOICE_MINUTES_PERSON_DAY = 1, 1
    given = start(client).json()
    with Caller(given["signed_url"], {}):
        until(lambda: endings.look(one(given["session"])) == Session.There.RUNS)
    end(client, given["session"])
    see_over(given["session"])
    again = start(client).json()
    assert again["session"] != given["session"]
    assert 50 <= again["max_seconds"] <= 60


def test_the_sweep_frees_the_line_of_a_page_that_vanished_as_soon_as_its_call_is_over(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    given = start(client).json()
    with Caller(given["signed_url"], {}):
        until(lambda: endings.look(one(given["session"])) == Session.There.RUNS)
        Session.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
        assert capacity.taken() == 1
    until(lambda: tasks.look_at_calls() or capacity.taken() == 0)
    assert one(given["session"]).ended_at


def test_a_call_that_dropped_has_its_line_taken_over_once_and_not_twice(client, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    dropped = start(client).json()
    with Caller(dropped["signed_url"], {}):
        until(lambda: endings.look(one(dropped["session"])) == Session.There.RUNS)
        resumed = start(client).json()
        assert resumed["session"] != dropped["session"]
        with Caller(resumed["signed_url"], {}):
            until(lambda: endings.look(one(resumed["session"])) == Session.There.RUNS)
            assert start(client).status_code == 429


def test_a_visitor_with_three_addresses_that_were_never_opened_is_given_no_fourth(client, persona, settings):
    sessions = []
    for _ in range(3):
        sessions.append(start(client).json()["session"])
        grown_older(sessions[-1], minutes=13)  # too old to be given again, young enough to be opened
    error = start(client).json()["error"]
    assert (error["code"], error["retry_after"]) == ("limit", 300)
    assert "not connected to" in error["message"]
    assert len(set(sessions)) == 3
    assert start(Client()).status_code == 200


def test_deleting_the_thread_of_a_call_gives_back_neither_its_line_nor_its_minutes(client, persona, settings):
    settings.VOICE_MAX_SESSIONS, settings.VOICE_MINUTES_PERSONA_DAY = 1, 10
    given = start(client).json()
    end(client, given["session"])
    assert client.post(f"/conversations/{given['thread']}/delete/").status_code == 302
    assert not Session.objects.exists()
    assert minutes.left(None, None, persona).seconds == 0
    settings.VOICE_MINUTES_PERSONA_DAY = 0
    assert start(client).status_code == 429
    Spent.objects.update(line_until=timezone.now())
    assert start(client).status_code == 200


def test_the_end_of_a_call_is_looked_at_once_however_often_it_is_told(client, persona, started):
    session = start(client).json()["session"]
    for _ in range(3):
        end(client, session)
    assert started == [("look_at_call", Session.objects.get().pk)]


def test_while_elevenlabs_does_not_answer_a_call_ends_as_ever(client, persona, standin, settings):
    settings.VOICE_MAX_SESSIONS = 1
    session = start(client).json()["session"]
    end(client, session)
    standin.fail("status", status=500)
    tasks.look_at_call(one(session).pk)
    tasks.look_at_calls()
    assert capacity.taken() == 1
    Session.objects.update(ended_at=timezone.now() - capacity.LEASE)
    assert capacity.taken() == 0


def test_a_call_that_was_seen_to_run_is_never_taken_for_one_that_was_not_opened(client, persona):
    session = one(start(client).json()["session"])  # which the stand-in does not know
    Session.objects.update(there=Session.There.RUNS)
    assert endings.look(one(session.elevenlabs_conversation_id)) == Session.There.RUNS
    assert Session.objects.get().there == Session.There.RUNS
