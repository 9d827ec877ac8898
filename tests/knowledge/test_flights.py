"""Equal work at one moment is done once."""

import threading
import time

import pytest

from knowledge.flights import Flights


def together(number, ask):
    """What that many threads got that ask at once."""
    ready, got = threading.Barrier(number), []
    threads = [threading.Thread(target=lambda: ready.wait() is None or got.append(ask())) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def test_thirty_who_ask_at_once_share_one_result():
    flights, done = Flights(), []

    def work():
        time.sleep(0.05)
        done.append(1)
        return "answer"

    assert together(30, lambda: flights.share("key", work)) == ["answer"] * 30
    assert done == [1]


def test_another_key_is_other_work():
    flights = Flights()
    assert flights.share("one", lambda: 1) == 1
    assert flights.share("two", lambda: 2) == 2


def test_what_does_not_last_is_done_again_by_those_who_come_later():
    flights = Flights()
    assert flights.share("key", lambda: 1, lasts=lambda _: False) == 1
    assert flights.share("key", lambda: 2) == 2


def test_what_lasts_is_there_for_those_who_come_just_after_and_for_no_others(monkeypatch):
    flights = Flights()
    flights.share("key", lambda: 1)
    assert flights.share("key", lambda: 2) == 1
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 5)
    assert flights.share("key", lambda: 3) == 3


def test_a_failure_is_the_leaders_alone():
    flights, failing = Flights(), [True]

    def work():
        time.sleep(0.02)
        if failing:
            failing.pop()
            raise ValueError
        return "answer"

    def ask():
        try:
            return flights.share("key", work)
        except ValueError:
            return "failed"

    assert sorted(together(5, ask)) == ["answer"] * 4 + ["failed"]


def test_nobody_waits_for_another_past_the_deadline():
    flights, go = Flights(), threading.Event()
    threading.Thread(target=lambda: flights.share("key", go.wait), daemon=True).start()
    time.sleep(0.05)
    with pytest.raises(TimeoutError):
        flights.share("key", go.wait, until=time.monotonic() + 0.05)
    go.set()
