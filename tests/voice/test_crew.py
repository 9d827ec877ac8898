"""Threads that may hang: nobody waits past a deadline, and what hangs is replaced, bounded, and forgiven when it returns."""

import threading
import time

import pytest

from voice.crew import Crew, Late, NobodyLeft


@pytest.fixture
def release():
    """Work that hangs until this is set."""
    event = threading.Event()
    yield event
    event.set()


def soon(seconds=0.1):
    return time.monotonic() + seconds


def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def test_work_gives_what_it_returns_and_raises_what_it_raises():
    crew = Crew("test")
    assert crew.start(divmod, 7, 2).result(soon(5)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        crew.start(divmod, 7, 0).result(soon(5))


def test_nobody_waits_past_the_deadline(release):
    began = time.monotonic()
    with pytest.raises(Late):
        Crew("test").start(release.wait).result(soon())
    assert time.monotonic() - began < 5


def test_a_thread_that_hangs_is_replaced_and_forgiven_when_it_returns(release):
    crew = Crew("test", hands=1)
    with pytest.raises(Late):
        crew.start(release.wait).result(soon())
    assert crew.lost == 1
    assert crew.start(divmod, 7, 2).result(soon(5)) == (3, 1)
    release.set()
    assert until(lambda: crew.lost == 0)


def test_when_too_many_hang_no_more_are_risked(release):
    crew = Crew("test", hands=1, lost=2)
    for _ in range(2):
        with pytest.raises(Late):
            crew.start(release.wait).result(soon())
    with pytest.raises(NobodyLeft):
        crew.start(divmod, 7, 2)
    release.set()
    assert until(lambda: crew.lost == 0)
    assert crew.start(divmod, 7, 2).result(soon(5)) == (3, 1)


def test_work_beyond_all_hands_waits_its_turn_and_is_not_begun_after_its_deadline(release):
    crew, done = Crew("test", hands=1), []
    first = crew.start(release.wait)
    late, patient = crew.start(done.append, "late"), crew.start(done.append, "patient")
    with pytest.raises(Late):
        late.result(soon())
    release.set()
    first.result(soon(5))
    patient.result(soon(5))
    assert done == ["patient"]


def test_many_callers_share_few_threads():
    crew, seen = Crew("test", hands=4), set()
    work = [crew.start(lambda: (time.sleep(0.01), seen.add(threading.get_ident()))) for _ in range(40)]
    for job in work:
        job.result(soon(10))
    assert len(seen) <= 4
