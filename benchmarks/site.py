"""The whole site for the length of a measurement: stores, demo, stand-in and web server, on free ports, gone afterwards."""

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from demo import processes
from demo.programs import write_sentences
from tests import faults, stores, wires

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "token-of-the-benchmark-0123456789"


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    port: int
    environment: dict
    server: faults.Program  # its children are the workers
    valkey: faults.Program
    postgresql: faults.Program | None
    wire: wires.Wire | None  # between the site and its Redis
    log: Path  # what the web server says
    standin: faults.Program | None
    worker: subprocess.Popen | None  # Celery's
    line: wires.Wire | None = None  # between the site and its PostgreSQL
    prepared: str = ""  # what ``prepare`` printed after the word RESULT

    def manage(self, script):
        """What a script prints in Django's shell after the word RESULT."""
        return manage(self.environment, script)


@contextlib.contextmanager
def running(
    standin=False, postgresql=False, wire=False, workers=1, prepare=None, tasks=False, flags=(), **settings
):  # fmt: skip
    """A Site with the demo loaded, or with what the script ``prepare`` makes, on two threads per worker process as
    `make run` starts it.

    With the stand-in (given these ``flags``) and every persona's agent in step when asked for; on SQLite or PostgreSQL;
    with a Wire before its Redis that can be made bad; with a Celery worker for its ``tasks``. ``settings`` are variables
    of the environment.
    """
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder, contextlib.ExitStack() as open_:
        port, standin_port = processes.free_port(), processes.free_port()
        valkey = open_.enter_context(stores.valkey(processes.free_port()))
        database = open_.enter_context(stores.postgresql(processes.free_port(), PASSWORD)) if postgresql else None
        between, line = (
            open_.enter_context(wires.wire(store.port)) if wire and store else None for store in (valkey, database)
        )
        environment = _environment(folder, port, (between or valkey).port, standin_port) | settings
        if postgresql:
            environment["DATABASE_URL"] = f"postgres://postgres:{PASSWORD}@127.0.0.1:{(line or database).port}/postgres"
        other = _standin(open_, standin_port, environment, folder, flags) if standin else None
        prepared = manage(environment, (prepare or LOAD) + (_SYNC if standin else ""))
        command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(workers), "--no-ws"]
        command += ["--blocking-threads", "2", "--respawn-failed-workers", "--respawn-interval", "10"]
        command += ["config.wsgi:application"]
        server = open_.enter_context(_program("web", command, port, environment, folder))
        worker = open_.enter_context(_worker(environment, folder)) if tasks else None
        url, log = f"http://127.0.0.1:{port}", server.folder / "log"
        yield Site(url, port, environment, server, valkey, database, between, log, other, worker, line, prepared)


def _standin(open_, port, environment, folder, flags):
    sentences = Path(folder, "sentences.txt")
    write_sentences(sentences)
    command = ["-m", "voice.standin", "--port", str(port), "--quiet", "--sentences", str(sentences), *flags]
    return open_.enter_context(_program("stand-in", command, port, environment, folder))


def _worker(environment, folder):
    """One Celery worker with its clock, as `make run` starts it."""
    return _celery(["--beat"], Path(folder, "worker.log"), environment)


def second_worker(environment, folder):
    """Another one beside it, without a clock."""
    return _celery(["--hostname", "second@%h"], Path(folder, "second.log"), environment)


@contextlib.contextmanager
def _celery(flags, log, environment):
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "2", *flags]
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "WARNING"]
    process = processes.start([*command, *quiet], log=log, environment=environment, directory=ROOT, niceness=5)
    try:
        yield process
    finally:
        processes.stop(process)


PASSWORD = secrets.token_urlsafe(16)
LOAD = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
call_command("load_demo", verbosity=0)
"""
_SYNC = 'call_command("sync_agents", verbosity=0)\n'


def manage(environment, script):
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"The benchmark could not be prepared:\n{done.stderr[-2000:]}")
    return done.stdout.rpartition("RESULT")[2].strip()


def _environment(folder, port, redis_port, standin_port):
    Path(folder, "model").symlink_to(ROOT / "var" / "model")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "SECRET_KEY": uuid.uuid4().hex,
        "DATA_DIR": folder,
        "DATABASE_URL": "",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "ELEVENLABS_URL": f"http://127.0.0.1:{standin_port}",
        "SERVICE_TOKENS": TOKEN,
        "LOG_LEVEL": "WARNING",
    }


def _program(name, command, port, environment, folder):
    log = Path(folder, name)
    log.mkdir()
    return faults.running(name, [sys.executable, *command], port, log, environment=environment, directory=ROOT)
