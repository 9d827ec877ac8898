"""How ElevenLabs is asked: never for longer than allowed, never before its time, never by too many at once."""

import email.utils
import threading
import time

import pytest

from demo import processes
from voice import gateway
from voice.gateway import brake
from voice.gateway.errors import seconds_asked

LIST = "/v1/convai/agents"


@pytest.fixture(autouse=True)
def _standin(standin):
    return standin


def list_agents():
    return gateway.agents_tagged("clone-advisor:nobody")


def asked(standin):
    return len(standin.requests("GET", LIST))


def seconds_of(call):
    began = time.monotonic()
    with pytest.raises(gateway.Unreachable) as raised:
        call()
    return time.monotonic() - began, raised.value


@pytest.mark.parametrize("do", ["trickle", "hang", "late_answer", "latency"])
def test_no_request_takes_longer_than_its_limit_however_the_answer_comes(standin, settings, do):
    settings.ELEVENLABS_TIMEOUT_SECONDS = 0.5
    standin.fail(do, seconds=20)
    assert seconds_of(list_agents)[0] < 10
    assert asked(standin) == 1


@pytest.mark.parametrize("do", ["trickle", "hang"])
def test_a_visitors_address_is_tried_once_and_for_a_shorter_time(standin, settings, do):
    settings.ELEVENLABS_TIMEOUT_SECONDS, settings.ELEVENLABS_START_SECONDS = 20, 0.5
    standin.fail(do, seconds=20)
    assert seconds_of(lambda: gateway.signed_url("agent_1"))[0] < 10
    assert len(standin.requests("GET", "/v1/convai/conversation/get-signed-url")) == 1


@pytest.mark.parametrize(
    ("status", "fault"),
    [(401, gateway.Denied), (403, gateway.Denied), (422, gateway.Refused), (404, gateway.Gone), (400, gateway.Refused)],
)
def test_a_clear_no_is_asked_for_once(standin, status, fault):
    standin.fail("status", status=status)
    with pytest.raises(fault):
        list_agents()
    assert asked(standin) == 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_what_may_pass_is_left_to_the_task_that_comes_back_and_not_to_the_library(standin, status):
    standin.fail("status", status=status)
    assert seconds_of(list_agents)[1].status == status
    assert asked(standin) == 1


def test_staff_read_the_request_id_and_never_the_key(standin, settings):
    standin.fail("status", status=401, reason=f"No such key: {settings.ELEVENLABS_API_KEY}.")
    with pytest.raises(gateway.Denied) as refusal:
        list_agents()
    assert "No such key: …ests." in str(refusal.value)
    assert "(request req_" in str(refusal.value)
    assert settings.ELEVENLABS_API_KEY not in str(refusal.value)


def test_a_key_with_a_line_end_in_it_is_said_to_be_none(settings):
    settings.ELEVENLABS_API_KEY = "sk_0123456789\n"
    with pytest.raises(gateway.Denied, match="Copy it again"):
        list_agents()


def test_without_a_network_the_address_is_named(settings):
    settings.ELEVENLABS_URL = f"http://127.0.0.1:{processes.free_port()}"
    assert settings.ELEVENLABS_URL in str(seconds_of(list_agents)[1])


def test_nobody_asks_before_the_time_they_named(standin):
    standin.fail("status", status=429, retry_after=30, times=1)
    seconds_of(list_agents)
    _, fault = seconds_of(list_agents)
    assert (fault.held, asked(standin)) == (True, 1)
    assert 20 < fault.retry_after <= 30


def test_another_process_hears_of_it_through_redis(standin):
    standin.fail("status", status=429, retry_after=30, times=1)
    seconds_of(list_agents)
    brake.release()  # this process has forgotten, as one that never asked
    assert seconds_of(list_agents)[1].held
    assert asked(standin) == 1


def test_without_redis_each_process_brakes_for_itself(standin, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{processes.free_port()}/0"
    standin.fail("status", status=429, retry_after=30, times=1)
    seconds_of(list_agents)
    assert seconds_of(list_agents)[1].held
    assert asked(standin) == 1


def test_a_second_refusal_never_makes_the_pause_shorter(standin):
    standin.fail("status", status=429, retry_after=30, times=1)
    seconds_of(list_agents)
    brake._hold(1)
    brake._hold(None)
    assert brake.left() > 20


def test_refusals_without_a_time_make_longer_and_longer_pauses():
    pauses = []
    for _ in range(4):
        brake._hold(None)
        pauses.append(brake.left())
        brake._own.held_until = 0
        with brake.trips.make("the test") as connection:
            connection.client.delete(brake.HELD)
    assert pauses == sorted(pauses)
    assert 0.4 <= pauses[0] <= 0.8
    assert 3.9 <= pauses[3] <= 6


def test_a_visitor_does_not_wait_behind_our_own_work(standin, settings):
    standin.fail("status", status=429, retry_after=30, times=1)
    seconds_of(list_agents)
    with pytest.raises(gateway.Gone):
        gateway.signed_url("agent_of_nobody")


def test_only_so_many_requests_are_under_way_at_once(standin, settings):
    settings.ELEVENLABS_MAX_UNDER_WAY = 2
    settings.ELEVENLABS_TIMEOUT_SECONDS = 20
    standin.fail("latency", seconds=0.3)
    threads = [threading.Thread(target=list_agents) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    at = sorted(row["at"] for row in standin.requests("GET", LIST))
    assert len(at) == 6
    assert all(third - first > 0.29 for first, third in zip(at, at[2:], strict=False))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0.5", 0.5), ("-3", 0), ("1e9", 3600), ("nan", None), ("soon", None), ("", None), (None, None)],
)
def test_the_pause_they_name_is_read(value, seconds):
    assert seconds_asked(value) == seconds


def test_the_pause_may_be_a_date():
    assert 50 < seconds_asked(email.utils.formatdate(time.time() + 60, usegmt=True)) <= 60
