"""What `make run` starts: how it is watched, and that nothing of it is left behind."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from demo import processes, programs, steps
from tests.conftest import ROOT


@pytest.fixture
def site(tmp_path):
    site = programs.Site(dict(os.environ), tmp_path)
    yield site
    site.stop()


def is_running(pid):
    """Whether the process lives; one that only waits to be collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def test_a_program_that_ends_by_itself_is_named_with_its_last_words(site):
    site.start(programs.Program("the worker", ["sh", "-c", "echo no memory left; exit 3"]))
    site.running[0][1].wait()
    with pytest.raises(steps.Problem, match=r"The worker has ended by itself \(exit code 3\)(.|\n)*no memory left"):
        site.check()


def test_a_program_that_never_opens_its_port_is_named(site):
    site.start(programs.Program("the stand-in", ["sh", "-c", "echo no such file"], port=processes.free_port()))
    with pytest.raises(steps.Problem, match=r"The stand-in did not start(.|\n)*no such file"):
        site.wait_for_ports()


def test_a_program_that_will_not_end_is_ended(site):
    site.start(programs.Program("the worker", ["sh", "-c", "trap '' TERM; sleep 60 & sleep 60"], patience=0.3))
    pid = site.running[0][1].pid
    assert wait_until(lambda: children(pid))
    family = [pid, *children(pid)]
    site.stop()
    assert wait_until(lambda: not any(map(is_running, family)))


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def test_the_last_started_is_stopped_first(site, tmp_path):
    for name in ("first", "second"):
        script = f"trap 'echo {name} >> {tmp_path}/order; exit' TERM; echo up; while :; do sleep 0.05; done"
        program = programs.Program(name, ["sh", "-c", script])
        site.start(program)
        assert wait_until(lambda program=program: site.log(program).read_text() == "up\n")
    site.stop()
    assert (tmp_path / "order").read_text() == "second\nfirst\n"


def test_programs_end_with_a_starter_that_was_killed():
    code = "import time; from demo import processes; print(processes.start(['sleep', '60']).pid, flush=True); time.sleep(60)"
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(starter.stdout.readline())
    assert is_running(pid)
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    assert wait_until(lambda: not is_running(pid))


def test_the_stand_in_is_told_what_visitors_will_say(tmp_path):
    personas = {"personas": [{"name": "Ada", "starters": ["What is a comet?", "Who are you?"]}]}
    golden = {"personas": [{"questions": [{"question": "How far  is the Moon?"}, {"question": "Who are you?"}]}]}
    (tmp_path / "personas.json").write_text(json.dumps(personas))
    (tmp_path / "golden-questions.json").write_text(json.dumps(golden))
    programs.write_sentences(tmp_path / "sentences.txt", tmp_path)
    said = (tmp_path / "sentences.txt").read_text().splitlines()
    assert said == ["What is a comet?", "Who are you?", "How far is the Moon?"]
