"""The whole site for the length of a measurement: stores, demo, stand-in and web server, on free ports, gone afterwards."""

import contextlib
import os
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from demo import processes
from tests import stores

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "token-of-the-benchmark-0123456789"


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    port: int
    environment: dict
    server: subprocess.Popen

    def manage(self, script):
        """What a script prints in Django's shell after the word RESULT."""
        return manage(self.environment, script)


@contextlib.contextmanager
def running(standin=False):
    """A Site with the demo loaded, one worker process with two threads as `make run` starts it; with the stand-in and
    every persona's agent in step when asked for."""
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder, contextlib.ExitStack() as open_:
        port, redis_port, standin_port = (processes.free_port() for _ in range(3))
        open_.enter_context(stores.valkey(redis_port))
        environment = _environment(folder, port, redis_port, standin_port)
        if standin:
            sentences = Path(folder, "sentences.txt")
            sentences.write_text("")
            command = ["-m", "voice.standin", "--port", str(standin_port), "--quiet", "--sentences", str(sentences)]
            open_.enter_context(_program(command, standin_port, environment, folder))
        manage(environment, _LOAD + (_SYNC if standin else ""))
        command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
        command += ["--blocking-threads", "2", "--no-ws", "config.wsgi:application"]
        server = open_.enter_context(_program(command, port, environment, folder))
        yield Site(f"http://127.0.0.1:{port}", port, environment, server)


_LOAD = """
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
    return done.stdout.rpartition("RESULT")[2]


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


@contextlib.contextmanager
def _program(command, port, environment, folder):
    log = Path(folder, f"{port}.log")
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        if not processes.wait_for_port(port, process, seconds=60):
            raise SystemExit(log.read_text()[-2000:])
        yield process
    finally:
        process.terminate()
        process.wait(20)
