"""The door for phone calls: who may begin one, what the agent is told, and that nothing is kept of who was refused."""

import json
import logging
import time
import uuid
from contextlib import contextmanager
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from elevenlabs.types import ConversationInitiationClientDataRequestInput
from psycopg.errors import DeadlockDetected

from knowledge.breakers import Breaker
from tests.conftest import SERVICE_TOKEN
from tests.official.frames import frame_faults
from tests.official.shapes import problems
from tests.voice.lifting import ADDRESS, CALLED, CALLER, ring, ringing_body
from voice import lines, lookups, phones, ringing
from voice.models import Agent, Conversation, Forgotten, PhoneNumber, Session

REFERENCE = "call_reference"


@pytest.fixture(autouse=True)
def _database(transactional_db):
    """Real commits, since a call is begun on another thread."""


@pytest.fixture(autouse=True)
def _patience(monkeypatch):
    """Of a busy machine, not of ours."""
    monkeypatch.setattr(ringing, "BUDGET_SECONDS", 20)


@pytest.fixture
def number(persona):
    """A number that the published persona answers, its agent in step."""
    Agent.objects.filter(persona=persona).update(elevenlabs_agent_id="agent_1", state="in_step")
    return PhoneNumber.objects.create(
        elevenlabs_number_id="phnum_1", number=CALLED, persona=persona, state="in_step", synced_agent_id="agent_1"
    )


@pytest.fixture
def nothing_kept():
    """After the test there is no trace of a call."""
    yield
    assert not Session.objects.exists()
    assert not Conversation.objects.exists()


def test_a_call_begins_with_every_variable_and_is_a_session_of_the_channel_phone(number):
    response = ring()
    assert response.status_code == 200
    given = response.json()
    assert given["type"] == "conversation_initiation_client_data"
    session = Session.objects.get()
    assert given["dynamic_variables"] == {
        "persona_name": "Harbour guide",
        REFERENCE: session.elevenlabs_conversation_id,
    }
    assert given["conversation_config_override"] == {}
    assert (session.channel, session.call_sid) == ("phone", "CA1")
    assert session.conversation.persona == number.persona
    assert not lines.is_named(session)


def test_what_the_agent_is_told_is_declared_by_the_official_types(number):
    number.notice = "This call is recorded."
    number.fingerprint = phones.fingerprint(number, "agent_1")
    number.save()
    given = ring().json()
    assert "agent" in given["conversation_config_override"]
    kind = given.pop("type")
    assert frame_faults({**given, "type": kind}) == []
    assert problems(ConversationInitiationClientDataRequestInput, given) == []


def test_a_call_whose_conversation_is_named_is_known_by_it_at_once(number):
    given = ring(conversation_id="conv_9").json()
    assert Session.objects.get().elevenlabs_conversation_id == "conv_9"
    assert given["dynamic_variables"][REFERENCE] == "none"


def test_a_variable_that_slipped_into_a_text_is_given_so_that_the_call_does_not_end(number):
    number.persona.first_message = "Hello {{ name }}, it is {{system__time}}."
    number.persona.save()
    given = ring().json()["dynamic_variables"]
    assert given["name"] == ""
    assert "system__time" not in given


def test_callers_hear_the_notice_first_once_the_other_side_allows_it(number):
    number.notice = "This call is recorded."
    number.save()
    assert ring().json()["conversation_config_override"] == {}
    number.fingerprint = phones.fingerprint(number, "agent_1")
    number.save()
    override = ring(call_sid="CA2").json()["conversation_config_override"]
    assert override == {"agent": {"first_message": "This call is recorded. Good morning."}}


@pytest.mark.parametrize("token", [None, "", "wrong", SERVICE_TOKEN + "x", "tokén"])
def test_without_the_right_token_nobody_gets_in_and_nothing_is_asked(
    number, token, nothing_kept, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = ring(token=token)
    assert response.status_code == 401
    assert "X-Service-Token" in response["WWW-Authenticate"]


def test_both_tokens_are_good_while_one_is_replaced(number, settings):
    settings.SERVICE_TOKENS = ["the-new-token-of-the-tests", SERVICE_TOKEN]
    assert ring().status_code == 200
    assert ring(token="the-new-token-of-the-tests").status_code == 200
    settings.SERVICE_TOKENS = ["the-new-token-of-the-tests"]
    assert ring().status_code == 401


def test_a_number_that_is_none_of_ours_is_not_answered(number, nothing_kept):
    response = ring(called_number="+15550000000")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_number")


def test_a_number_without_a_persona_is_not_answered(number, nothing_kept):
    PhoneNumber.objects.update(persona=None)
    assert ring().status_code == 404


def test_a_number_that_is_gone_on_the_other_side_is_not_answered(number, nothing_kept):
    PhoneNumber.objects.update(state="gone")
    assert ring().status_code == 404


@pytest.mark.parametrize("agent_id", ["agent_of_somebody", "agent_2", "AGENT_1", " agent_1"])
def test_an_agent_that_is_not_that_numbers_is_refused(number, agent_id, make_persona, nothing_kept):
    other = make_persona("Lighthouse keeper")
    Agent.objects.filter(persona=other).update(elevenlabs_agent_id="agent_2")
    assert ring(agent_id=agent_id).status_code == 403


def test_a_persona_that_never_had_an_agent_is_refused(number, nothing_kept):
    Agent.objects.all().delete()
    assert ring().status_code == 403


def test_an_agent_that_was_never_made_cannot_be_named_by_an_empty_id(number, nothing_kept):
    Agent.objects.update(elevenlabs_agent_id="")
    assert ring(agent_id="").status_code == 400


def test_a_draft_answers_no_phone(number, nothing_kept):
    number.persona.status = "draft"
    number.persona.save()
    response = ring()
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_published")


def test_while_voice_is_off_no_phone_is_answered(number, settings, nothing_kept):
    settings.ENABLE_VOICE_CHAT = False
    response = ring()
    assert (response.status_code, response.json()["error"]["code"]) == (409, "off")


def test_a_call_over_the_limit_is_refused_and_the_next_one_finds_the_line_free(number, settings):
    settings.VOICE_MAX_SESSIONS = 1
    assert ring().status_code == 200
    response = ring(call_sid="CA2")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "busy")
    assert Session.objects.count() == Conversation.objects.count() == 1
    Session.objects.update(ended_at="2026-01-01T00:00Z")
    assert ring(call_sid="CA3").status_code == 200


def test_of_calls_at_once_no_more_are_taken_than_there_are_lines_and_of_the_others_nothing_stays(number, settings):
    settings.VOICE_MAX_SESSIONS = 2
    taken = []
    asking = [
        Thread(target=lambda sid=sid: taken.append(ring(call_sid=f"CA{sid}", conversation_id=f"conv_{sid}")))
        for sid in range(6)
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert sorted(response.status_code for response in taken) == [200] * 2 + [409] * 4
    assert Session.objects.count() == Conversation.objects.count() == 2
    assert not Forgotten.objects.exists()


def test_a_phone_call_holds_its_line_though_no_page_is_heard_of(number, settings):
    settings.VOICE_MAX_SESSIONS = 1
    ring()
    Session.objects.update(seen_at="2026-01-01T00:00Z")
    assert ring(call_sid="CA2").status_code == 409


def test_a_wrong_shape_is_refused_with_the_field_named(number, nothing_kept):
    response = ring(called_number="harbour")
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "called_number: this is not a phone number."
    assert ring(b"[]").status_code == 400


def test_a_body_larger_than_8_kb_is_refused(number, nothing_kept):
    assert ring(extra="x" * 9_000).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_answered(client, method, db):
    response = getattr(client, method)(ADDRESS, headers={"X-Service-Token": SERVICE_TOKEN})
    assert response.status_code == 405


def test_a_slash_at_the_end_is_another_address_and_no_redirect(number, nothing_kept):
    response = Client().post(ADDRESS + "/", ringing_body(), content_type="application/json")
    assert response.status_code == 404


def test_the_callers_number_is_in_no_row_and_no_log_line(number, caplog):
    caplog.set_level(logging.DEBUG)
    ring()
    ring(call_sid="CA2", agent_id="agent_of_somebody")
    ring(call_sid="CA3", called_number="+15550000000")
    ring(call_sid="", caller_id=CALLER)
    assert "refused" in caplog.text
    told = caplog.text + json.dumps(
        [list(map(str, row)) for model in (Session, Conversation) for row in model.objects.values_list()]
    )
    assert CALLER.strip("+") not in told
    assert CALLED.strip("+") not in caplog.text


def test_the_same_number_is_the_same_visitor_and_a_withheld_one_always_a_new_one(number, settings):
    for sid, caller in enumerate(
        [CALLER, CALLER, "+15557654321", "anonymous", "anonymous", None, "+266696687", "+266696687"]
    ):
        assert ring(call_sid=f"CA{sid}", caller_id=caller).status_code == 200
    visitors = list(Conversation.objects.order_by("started_at").values_list("visitor", flat=True))
    assert visitors[0] == visitors[1]
    assert len(set(visitors)) == 7
    settings.SECRET_KEY = "another-key"
    assert ringing.visitor(CALLER) != visitors[0]


def test_the_same_call_asked_about_twice_is_one_session(number):
    first, again = ring().json(), ring().json()
    assert first == again
    assert Session.objects.count() == Conversation.objects.count() == 1


def test_the_same_call_asked_about_twice_at_once_is_one_session(number):
    answers = []
    asking = [Thread(target=lambda: answers.append(ring())) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert Session.objects.count() == Conversation.objects.count() == 1
    assert [response.status_code for response in answers] == [200] * 4


def test_a_call_asked_about_again_may_name_its_conversation_once(number):
    ring()
    assert ring(conversation_id="conv_9").status_code == 200
    assert Session.objects.get().elevenlabs_conversation_id == "conv_9"
    assert ring(conversation_id="conv_10").status_code == 403
    assert ring().status_code == 200


def test_a_call_that_is_over_cannot_be_begun_again(number):
    ring()
    Session.objects.update(ended_at="2026-01-01T00:00Z")
    response = ring()
    assert (response.status_code, response.json()["error"]["code"]) == (409, "over")


def test_a_call_cannot_take_the_conversation_of_another(number, session):
    assert ring(conversation_id=session.elevenlabs_conversation_id).status_code == 403
    assert Session.objects.count() == 1


def test_a_call_goes_on_with_its_persona_when_the_number_is_given_to_another(number, make_persona):
    ring()
    other = make_persona("Lighthouse keeper")
    Agent.objects.filter(persona=other).update(elevenlabs_agent_id="agent_2")
    PhoneNumber.objects.update(persona=other)
    assert ring().status_code == 403  # the old agent answers no more
    assert ring(agent_id="agent_2").status_code == 403  # and the call is not handed over
    assert Session.objects.get().conversation.persona == number.persona


def test_a_flood_of_calls_to_one_number_is_stopped_and_other_numbers_ring(number, settings):
    settings.VOICE_MAX_SESSIONS = 1000
    other = PhoneNumber.objects.create(elevenlabs_number_id="phnum_2", number="+15551230000", persona=number.persona)
    statuses = [ring(call_sid="CA1").status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    assert ring(call_sid="CA2", called_number=other.number).status_code == 200


def test_with_redis_frozen_a_call_is_taken_in_time(number, valkey):
    with valkey.frozen():
        started = time.monotonic()
        response = ring()
        waited = time.monotonic() - started
    assert response.status_code == 200
    assert waited < 10


def wait_until(true, seconds=20):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


@contextmanager
def stuck():
    """Nobody else gets to write a session, as behind a migration or a database that hangs."""
    with transaction.atomic():
        PhoneNumber.objects.update(label="held")  # all that SQLite needs
        if connection.vendor == "postgresql":
            connection.cursor().execute("LOCK TABLE voice_session IN ACCESS EXCLUSIVE MODE")
        yield


def test_while_the_database_hangs_the_answer_is_503_in_time_and_nothing_is_left_behind(number, monkeypatch):
    monkeypatch.setattr(ringing, "BUDGET_SECONDS", 0.5)
    with stuck():
        started = time.monotonic()
        response = ring()
        waited = time.monotonic() - started
    assert response.status_code == 503
    assert response.json()["success"] is False
    assert waited < 10
    wait_until(lambda: not ringing._crew.lost and not lookups.database.is_open)
    assert not Session.objects.exists()
    assert not Conversation.objects.exists()
    monkeypatch.setattr(ringing, "BUDGET_SECONDS", 20)
    assert ring().status_code == 200


def test_while_the_database_is_left_alone_the_answer_is_503_at_once(number, nothing_kept, monkeypatch):
    monkeypatch.setattr(lookups, "database", Breaker("The database", rest=60))
    lookups.database.failed("it was frozen")
    assert ring().status_code == 503


def test_a_transaction_that_gave_way_to_another_is_no_dead_database(monkeypatch):
    monkeypatch.setattr(lookups, "database", Breaker("The database", rest=60))
    gave_way, gone = OperationalError("deadlock detected"), OperationalError("the server has gone")
    gave_way.__cause__ = DeadlockDetected("deadlock detected")
    lookups.note_failure(gave_way)
    assert lookups.database.admits()
    lookups.note_failure(gone)
    assert not lookups.database.admits()


def test_a_caller_id_that_is_no_number_is_taken_and_hashed(number):
    assert ring(caller_id="sip:anna@example.org").status_code == 200
    assert isinstance(Conversation.objects.get().visitor, uuid.UUID)
