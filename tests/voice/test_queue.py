"""Standing in line: who comes first talks first, nobody has a line twice, and losing Redis loses nobody's place."""

import json
import time
import uuid
from threading import Thread

import pytest
from django.db import connection
from django.test import Client

from knowledge import trips
from tests import stores
from voice import agents, capacity, queue, waiting
from voice.models import Conversation, Session

pytestmark = pytest.mark.django_db
START, WAIT, LEAVE = (f"/chat/harbour-guide/voice/{door}/" for door in ("start", "wait", "leave"))


@pytest.fixture
def persona(standin, make_persona):
    persona = make_persona(slug="harbour-guide")
    agents.sync(agents.note(persona))
    return persona


@pytest.fixture
def own_valkey(settings):
    """A Redis to kill: nobody else's. It runs before anything is sent there: whoever finds it missing leaves it alone."""
    port = stores.processes.free_port()
    with stores.valkey(port) as server:
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        yield server


def post(client, address, **body):
    return client.post(address, json.dumps(body), content_type="application/json")


def join(client):
    return post(client, WAIT, joins=True).json()


def ask(client, ticket="", **more):
    return post(client, WAIT, ticket=ticket, **more)


def call(persona, name=""):
    """A running call of somebody else."""
    thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
    return Session.objects.create(conversation=thread, elevenlabs_conversation_id=name or uuid.uuid4().hex)


def hang_up(session):
    Session.objects.filter(pk=session.pk).update(ended_at="2026-01-01T00:00Z")


def test_visitors_stand_in_the_order_in_which_they_came(persona, settings):
    settings.VOICE_MAX_SESSIONS = 0
    visitors = [Client() for _ in range(3)]
    assert [join(visitor)["place"] for visitor in visitors] == [1, 2, 3]
    assert [join(visitor)["place"] for visitor in visitors] == [1, 2, 3]
    assert post(visitors[0], LEAVE).status_code == 200
    assert [join(visitor)["place"] for visitor in visitors[1:]] == [1, 2]


def test_a_free_line_is_kept_for_the_first_in_line_and_a_newcomer_is_refused(persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    running, first, second, newcomer = call(persona), Client(), Client(), Client()
    assert (join(first)["turn"], join(second)["turn"]) == (None, None)
    hang_up(running)
    response = post(newcomer, START)
    assert (response.status_code, response.json()["error"]["code"]) == (429, "busy")
    assert 0 < join(first)["turn"] <= settings.VOICE_TURN_SECONDS
    assert join(second)["turn"] is None
    assert post(second, START).status_code == 429
    assert post(first, START).status_code == 200
    assert join(second)["place"] == 1


def test_a_line_that_is_not_taken_in_time_goes_to_the_next(persona, settings):
    settings.VOICE_MAX_SESSIONS, settings.VOICE_TURN_SECONDS = 1, 1
    running, first, second = call(persona), Client(), Client()
    told = join(first), join(second)
    hang_up(running)
    assert ask(first, told[0]["ticket"]).json()["turn"]
    assert wait_until(lambda: ask(second, told[1]["ticket"]).json()["turn"])
    gone = ask(first, told[0]["ticket"])
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "gone")
    assert "Talk" in gone.json()["error"]["message"]


def test_a_page_that_stops_asking_loses_its_place(persona, settings, monkeypatch):
    settings.VOICE_MAX_SESSIONS = 0
    monkeypatch.setattr(waiting, "VISIBLE", 0.2)
    silent, other = Client(), Client()
    ticket = join(silent)["ticket"]
    monkeypatch.setattr(waiting, "VISIBLE", 20)
    assert wait_until(lambda: join(other)["place"] == 1)
    assert ask(silent, ticket).status_code == 410


def test_a_page_in_the_background_keeps_its_place_for_longer(persona, settings, monkeypatch):
    settings.VOICE_MAX_SESSIONS = 0
    monkeypatch.setattr(waiting, "VISIBLE", 0.05)
    hidden, brief, other = Client(), Client(), Client()
    post(hidden, WAIT, joins=True, hidden=True)
    join(brief)
    monkeypatch.setattr(waiting, "VISIBLE", 20)
    assert wait_until(lambda: join(other)["place"] == 2)


def test_a_second_tab_shares_the_place_and_closing_one_keeps_it(persona, settings):
    settings.VOICE_MAX_SESSIONS = 0
    visitor, other = Client(), Client()
    first = join(visitor)
    join(other)
    assert join(visitor)["place"] == first["place"] == 1
    post(visitor, LEAVE, closed=True)
    assert ask(visitor, first["ticket"]).json()["place"] == 1
    post(visitor, LEAVE)
    assert ask(visitor, first["ticket"]).status_code == 410
    assert join(other)["place"] == 1


def test_a_second_line_is_offered_to_the_second_in_line(persona, settings):
    settings.VOICE_MAX_SESSIONS = 2
    visitors, running = [Client() for _ in range(3)], [call(persona), call(persona)]
    for visitor in visitors:
        join(visitor)
    for session in running:
        hang_up(session)
    assert [bool(join(visitor)["turn"]) for visitor in visitors] == [True, True, False]


def test_a_turn_that_was_announced_stays_while_others_begin_their_calls(persona, settings):
    settings.VOICE_MAX_SESSIONS = 2
    one, two, running = Client(), Client(), [call(persona), call(persona)]
    join(one), join(two)
    for session in running:
        hang_up(session)
    assert join(one)["turn"] and join(two)["turn"]
    assert post(one, START).status_code == 200
    assert join(two)["turn"]
    assert post(two, START).status_code == 200


def test_a_call_that_fails_at_elevenlabs_leaves_its_visitor_first_in_line(persona, settings, standin):
    settings.VOICE_MAX_SESSIONS = 1
    running, first, second = call(persona), Client(), Client()
    join(first), join(second)
    hang_up(running)
    assert join(first)["turn"]
    standin.fail("status", status=500)
    assert post(first, START).status_code == 503
    assert (join(first)["place"], join(second)["place"]) == (1, 2)


def test_a_visitor_who_calls_anew_keeps_their_own_line_past_those_who_wait(persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    caller, other = Client(), Client()
    assert post(caller, START).status_code == 200
    join(other)
    assert post(caller, START).status_code == 200
    assert post(other, START).status_code == 429


def test_a_phone_does_not_ring_past_those_who_wait(persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    join(Client())
    assert not queue.enter("CA1", capacity.taken()).admitted


def test_a_line_that_elevenlabs_refused_is_not_offered_again_at_once(persona, settings, monkeypatch):
    settings.VOICE_MAX_SESSIONS = 30
    monkeypatch.setattr(queue, "REFUSED", 400)
    visitor, newcomer = Client(), Client()
    session = post(visitor, START).json()["session"]
    told = post(visitor, WAIT, joins=True, refused=session).json()
    assert (told["place"], told["turn"]) == (1, None)
    assert Session.objects.get().end_reason == "refused by ElevenLabs: all lines taken"
    assert post(newcomer, START).status_code == 429
    assert wait_until(lambda: ask(visitor, told["ticket"]).json()["turn"])


def test_of_somebody_elses_call_nobody_can_say_that_it_was_refused(persona, settings):
    session = post(Client(), START).json()["session"]
    assert post(Client(), WAIT, joins=True, refused=session).json()["turn"]
    assert Session.objects.get().ended_at is None


def test_who_left_the_line_stands_at_its_end_whatever_ticket_they_kept(persona, settings):
    settings.VOICE_MAX_SESSIONS = 0
    first = Client()
    kept = join(first)["ticket"]
    post(first, LEAVE)
    for _ in range(3):
        join(Client())
    assert ask(first, kept, joins=True).json()["place"] == 4


def test_a_forged_ticket_is_no_place_and_a_strangers_neither(persona, settings):
    settings.VOICE_MAX_SESSIONS = 0
    theirs = join(Client())["ticket"]
    for ticket in ("", "rubbish", theirs):
        assert ask(Client(), ticket).status_code == 410


@pytest.mark.parametrize("body", ["[]", '{"ticket": {"a": 1}}', '{"ticket": "' + "x" * 500 + '"}', "{"])
def test_whatever_is_sent_the_answer_is_a_sentence(client, persona, body):
    response = client.post(WAIT, body, content_type="application/json")
    assert response.status_code in (400, 410)
    assert response.json()["error"]["message"].endswith(".")


def test_without_redis_there_is_no_line_and_a_free_one_is_given_as_ever(persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    running, visitor = call(persona), Client()
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    response = post(visitor, WAIT, joins=True)
    assert (response.status_code, response.json()["error"]["code"]) == (503, "busy")
    assert "try again in a minute" in response.json()["error"]["message"]
    assert post(visitor, START).status_code == 429
    hang_up(running)
    assert post(visitor, START).status_code == 200


def test_how_long_it_takes_is_said_only_from_enough_calls(persona, settings):
    settings.VOICE_MAX_SESSIONS = 2
    for _ in range(2):
        call(persona)
    assert join(Client())["minutes"] is None
    for seconds in (100, 200, 240, 240, 240, 260, 300, 900):
        over = call(persona)
        Session.objects.filter(pk=over.pk).update(duration_secs=seconds, ended_at=over.started_at)
    waiting.caching.forget(waiting.MEDIAN)
    assert [join(Client())["minutes"] for _ in range(2)] == [4, 6]  # places 2 and 3, four minutes each, two lines


def test_staff_see_how_many_wait(client, staff, persona, settings):
    settings.VOICE_MAX_SESSIONS = 1
    call(persona)
    for _ in range(2):
        join(Client())
    assert staff.get("/readyz").json()["parts"]["lines"] == {
        "ok": True,
        "says": "1 of 1 in use; 2 in line",
        "waiting": 2,
    }
    page = staff.get("/admin/voice/workspace/").content.decode()
    assert "<dt>Visitors in line</dt><dd>2</dd>" in page
    assert "<dt>Joined the line lately</dt><dd>2</dd>" in page


def wait_until(true, seconds=15):
    """What was true at last. Fails when it never was."""
    until = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def at_once(*acts):
    """Do all of it side by side; what each gave, in order."""
    given = [None] * len(acts)

    def run(number, act):
        try:
            given[number] = act()
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_talk_as_there_are_lines_and_they_are_the_first(persona, settings):
    settings.VOICE_MAX_SESSIONS = 3
    running = [call(persona) for _ in range(3)]
    visitors = [Client() for _ in range(8)]
    tickets = [join(visitor)["ticket"] for visitor in visitors]
    for session in running:
        hang_up(session)
    newcomers = [Client() for _ in range(4)]
    everybody = [*newcomers, *reversed(visitors)]
    turns = at_once(*(lambda one=pair: ask(*one).json()["turn"] for pair in zip(visitors, tickets, strict=True)))
    statuses = at_once(*(lambda one=one: post(one, START).status_code for one in everybody))
    assert [bool(turn) for turn in turns] == [True] * 3 + [False] * 5
    assert statuses == [429] * 9 + [200] * 3
    assert capacity.taken() == 3


@pytest.mark.django_db(transaction=True)
def test_of_many_starts_without_a_line_before_them_exactly_as_many_succeed_as_there_are_lines(persona, settings):
    settings.VOICE_MAX_SESSIONS = 3
    statuses = at_once(*(lambda: post(Client(), START).status_code for _ in range(10)))
    assert sorted(statuses) == [200] * 3 + [429] * 7


@pytest.mark.django_db(transaction=True)
def test_after_redis_was_killed_everybody_stands_where_they_stood(persona, settings, own_valkey):
    settings.VOICE_MAX_SESSIONS = 2
    running = [call(persona) for _ in range(2)]
    visitors, late = [Client() for _ in range(5)], Client()
    tickets = [join(visitor)["ticket"] for visitor in visitors]
    own_valkey.kill()
    own_valkey.start()
    trips.reset()  # the two seconds are over
    backwards = [ask(visitor, ticket).status_code for visitor, ticket in [*zip(visitors, tickets, strict=True)][::-1]]
    assert backwards == [200] * 5
    assert join(late)["place"] == 6
    assert [ask(visitor, ticket).json()["place"] for visitor, ticket in zip(visitors, tickets, strict=True)] == [
        1,
        2,
        3,
        4,
        5,
    ]
    for session in running:
        hang_up(session)
    turns = [ask(visitor, ticket).json()["turn"] for visitor, ticket in zip(visitors, tickets, strict=True)]
    assert [bool(turn) for turn in turns] == [True, True, False, False, False]


@pytest.mark.django_db(transaction=True)
def test_while_redis_is_killed_and_comes_back_no_line_is_given_twice(persona, settings, own_valkey):
    settings.VOICE_MAX_SESSIONS = 3
    starts = [lambda: post(Client(), START).status_code for _ in range(5)]
    statuses = at_once(*starts, own_valkey.kill, *starts)
    own_valkey.start()
    trips.reset()
    statuses += at_once(*starts)
    assert statuses.count(200) == 3
    assert capacity.taken() == 3
