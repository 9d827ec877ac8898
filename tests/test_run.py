"""`make run` for real, in a copy of the project: what it starts, prints and takes down again."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from demo import environment, processes
from tests.conftest import ROOT
from tests.test_programs import children, wait_until
from tests.test_setup import offered, unused_port

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".env", "var", "node_modules", "__pycache__", ".*_cache")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The project in an empty folder; packages and the embedding graph are this run's own, which saves minutes."""
    folder = shutil.copytree(ROOT, tmp_path_factory.mktemp("clone") / "advisor", ignore=LEFT_OUT)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    shutil.copytree(ROOT / "var" / "model", folder / "var" / "model")
    with started(folder):
        return folder


@pytest.fixture(scope="class")
def site(clone):
    """A second start, for tests that only look: only one can be under way in a folder."""
    with started(clone) as run:
        yield run


class Run:
    """A running `make run`: its process, its ports, what it has said so far."""

    def __init__(self, clone):
        port = unused_port()
        self.ports = environment.embedded({}, port).values()
        self.url = f"http://127.0.0.1:{port}"
        given = {name: value for name, value in os.environ.items() if name not in offered()}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo.run"],
            cwd=clone,
            env={**given, "PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.said += line

    def end(self, word):
        """Send the signal and wait for the end: the exit code."""
        self.process.send_signal(word)
        code = self.process.wait(timeout=90)
        self.reader.join()
        return code


@contextlib.contextmanager
def started(clone):
    run = Run(clone)
    try:
        assert wait_until(lambda: "Ctrl-C stops it." in run.said or run.process.poll() is not None, seconds=240)
        assert run.process.poll() is None, run.said
        yield run
    finally:
        run.end(signal.SIGTERM)


class TestARunningSite:
    def test_a_visitor_finds_the_demo(self, site):
        assert f"Talk to an advisor   {site.url}/\n" in site.said
        assert "Maren, harbour guide" in httpx.get(site.url).text

    def test_staff_get_in_with_the_printed_login(self, site):
        password = re.search(r"user staff, password (\S+)", site.said).group(1)
        with httpx.Client(base_url=site.url, follow_redirects=True) as staff:
            staff.get("/admin/login/")
            form = {"username": "staff", "password": password, "csrfmiddlewaretoken": staff.cookies["csrftoken"]}
            assert "Log out" in staff.post("/admin/login/?next=/admin/", data=form, headers={"Referer": site.url}).text

    def test_the_printed_export_leads_commands_to_this_site(self, site):
        assert f"  export PUBLIC_URL={site.url} REDIS_URL=" in site.said

    def test_a_later_start_finds_everything_done(self, site):
        assert site.said.count("(as before)") == 11


def test_ctrl_c_stops_everything_it_started_and_nothing_else(clone):
    with started(clone) as run, processes_of_somebody_else() as bystander:
        assert not any(map(processes.is_free, run.ports))
        assert run.end(signal.SIGINT) == 0
        assert run.said.endswith("Stopped.\n")
        assert all(map(processes.is_free, run.ports))
        assert bystander.poll() is None


@contextlib.contextmanager
def processes_of_somebody_else():
    bystander = processes.start(["sleep", "60"])
    yield bystander
    processes.stop(bystander)


def test_nothing_outlives_a_runner_that_was_killed(clone):
    with started(clone) as run:
        run.end(signal.SIGKILL)
        assert wait_until(lambda: all(map(processes.is_free, run.ports)), seconds=30)


def test_a_part_that_dies_is_named_and_the_rest_is_stopped(clone):
    with started(clone) as run:
        (valkey,) = (pid for pid in children(run.process.pid) if "valkey" in Path(f"/proc/{pid}/comm").read_text())
        os.kill(valkey, signal.SIGKILL)
        assert run.process.wait(timeout=90) == 1
        run.reader.join()
        assert "Valkey has ended by itself" in run.said
        assert all(map(processes.is_free, run.ports))
