import os
import subprocess
import sys

import pytest

from knowledge import yielding


@pytest.fixture
def worker(monkeypatch):
    """A process whose work gives way."""
    monkeypatch.setattr(yielding, "_begun", False)
    yielding.begin()


def policy():
    return os.sched_getscheduler(0)


def fail():
    raise ValueError("from within")


def test_outside_a_worker_work_runs_as_it_is():
    assert yielding.run(policy) == os.SCHED_OTHER


def test_in_a_worker_work_gives_way_and_the_worker_itself_does_not(worker):
    assert yielding.run(policy) == os.SCHED_IDLE
    assert policy() == os.SCHED_OTHER


def test_a_process_that_such_work_starts_gives_way_too(worker):
    command = [sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"]
    done = yielding.run(subprocess.run, command, capture_output=True, text=True)
    assert int(done.stdout) == os.SCHED_IDLE


def test_what_goes_wrong_in_it_is_raised(worker):
    with pytest.raises(ValueError, match="from within"):
        yielding.run(fail)
