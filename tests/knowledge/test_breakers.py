"""A dead dependency costs the first caller its time; the others are told at once, and one at a time tries again."""

import threading
import time

from knowledge.breakers import Breaker


def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def test_a_closed_one_lets_everybody_through():
    breaker = Breaker("It", rest=60)
    assert all(breaker.admits() for _ in range(3))


def test_after_a_failure_nobody_tries_until_it_has_rested():
    breaker = Breaker("It", rest=60)
    breaker.failed("dead")
    assert not any(breaker.admits() for _ in range(3))
    assert breaker.is_resting


def test_a_patient_one_opens_after_so_many_failures_in_a_row():
    breaker = Breaker("It", rest=60, patience=3)
    for word in ("once", "twice"):
        breaker.failed(word)
        assert breaker.admits()
    breaker.worked()
    for word in ("once", "twice"):
        breaker.failed(word)
        assert breaker.admits()
    breaker.failed("three times")
    assert not breaker.admits()


def test_then_one_tries_for_all_and_success_lets_everybody_through():
    breaker = Breaker("It", rest=60)
    breaker.failed("dead", rest=0)
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    breaker.worked()
    assert all(breaker.admits() for _ in range(3))


def test_when_the_one_fails_it_rests_again():
    breaker = Breaker("It", rest=60)
    breaker.failed("dead", rest=0)
    assert breaker.admits()
    breaker.failed("still dead")
    assert not breaker.admits()


def test_of_many_threads_at_once_one_tries():
    breaker, admitted = Breaker("It", rest=60), []
    breaker.failed("dead", rest=0)
    ready = threading.Barrier(16)
    threads = [
        threading.Thread(target=lambda: ready.wait() and None or admitted.append(breaker.admits())) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert admitted.count(True) == 1


def test_with_a_trial_no_caller_pays_for_finding_out():
    mended = threading.Event()

    def ask():
        if not mended.is_set():
            raise OSError

    breaker = Breaker("It", rest=0.02, trial=ask)
    breaker.failed("dead")
    time.sleep(0.1)
    assert not breaker.admits()
    mended.set()
    assert until(lambda: not breaker.is_open)
    assert breaker.admits()


def test_a_fault_is_told_once_and_so_is_its_end(caplog):
    breaker = Breaker("It", rest=0)
    for _ in range(50):
        breaker.failed("dead")
    breaker.worked()
    breaker.worked()
    assert [record.message.split()[1:4] for record in caplog.records] == [
        ["is", "left", "alone"],
        ["is", "back", "after"],
    ]
