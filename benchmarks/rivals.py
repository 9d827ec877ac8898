"""The processes of a contest: each system's, how it is started, limited, asked and ended."""

import contextlib
import json
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS, OWN = "benchmarks.systems", "benchmarks.pgvector"
COMMANDS = {
    "ours": None,
    "llamaindex-bm25": PEERS,
    "llamaindex-vector": PEERS,
    "llamaindex-fusion": PEERS,
    "haystack-bm25": PEERS,
    "haystack-joined": PEERS,
    "lancedb-vector": PEERS,
    "lancedb-hybrid": PEERS,
    "chroma-vector": PEERS,
    "pgvector-partitions": OWN,
    "pgvector-hnsw": OWN,
}
LAYING = 10  # times as long may laying our rows take, which is not building


class TooMuch(Exception):
    """A system left the contest. The message says why."""


class Rival:
    """One system in a process of its own."""

    def __init__(self, name, folder, python, options):
        self.name, self.python, self.options = name, python, options
        self.stock, self.place = folder, tempfile.mkdtemp(prefix="advisor-rival-")
        self.milliseconds, self.found, self.exact, self.problem, self.process = [], [], None, "", None
        self.built = self.bytes = self.megabytes = 0

    def build(self):
        """Start it and have it build. Whether it could."""
        patience = self.options.minutes * 60 * (LAYING if self.name == "ours" else 1)
        try:
            self._start()
            said = self._hear(patience)
        except TooMuch as problem:
            self.problem = str(problem)
            return False
        self.built, self.bytes, self.megabytes = said["built"], said["bytes"], said["megabytes"]
        return True

    def ask(self, questions, counted=True):
        """Ask some questions by number."""
        answers = self._say(questions)
        if answers and counted:
            self.milliseconds += [taken for taken, _ in answers]
            self.found += [found for _, found in answers]

    def compare(self, questions):
        """Have it say what it would have found without short cuts."""
        self.exact = self._say({"exactly": questions})

    def stop(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.place, ignore_errors=True)

    def _start(self):
        for path in Path(self.stock).glob("*.[jn]*"):  # lists and arrays
            Path(self.place, path.name).symlink_to(path)
        module = COMMANDS[self.name]
        if module is None:
            command, environment = _manage(f"from benchmarks import ours; ours.compete({self.place!r})", self.place)
        else:
            python = self.python if module == PEERS else sys.executable
            command, environment = [python, "-m", module, self.name, self.place], {**os.environ, "OMP_NUM_THREADS": "1"}
        with open(Path(self.place, "log"), "wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                start_new_session=True, preexec_fn=_limit(self.options.gigabytes),
            )  # fmt: skip

    def _say(self, what):
        if self.problem:
            return None
        try:
            self.process.stdin.write(json.dumps(what).encode() + b"\n")
            self.process.stdin.flush()
            return self._hear(self.options.minutes * 60)
        except (TooMuch, BrokenPipeError) as problem:
            self.problem = str(problem) or "ended by itself"
            return None

    def _hear(self, seconds):
        """The next line, parsed. Raises TooMuch when it does not come."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            until, line = time.monotonic() + seconds, b""
            while not line.endswith(b"\n"):
                if not selector.select(max(0, until - time.monotonic())):
                    raise TooMuch(f"not done within {seconds / 60:g} minutes")
                more = os.read(self.process.stdout.fileno(), 1 << 20)
                if not more:
                    raise TooMuch(self._explain())
                line += more
        return json.loads(line)

    def _explain(self):
        lines = Path(self.place, "log").read_text(errors="replace").strip().splitlines() or ["it said nothing"]
        short = any("MemoryError" in line or "bad_alloc" in line for line in lines[-30:])
        return f"needs more than {self.options.gigabytes:g} GB" if short else f"ended: {lines[-1][:150]}"


def manage(folder, script):
    """Run a script in Django's shell, with data of its own in the folder."""
    command, environment = _manage(script, folder)
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
    finally:
        shutil.rmtree(Path(folder, "data"))


def _manage(script, folder):
    data = Path(folder, "data")
    data.mkdir()
    (data / "model").symlink_to(ROOT / "var" / "model")
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": uuid.uuid4().hex, "DATA_DIR": str(data),
        "DATABASE_URL": "", "REDIS_URL": "redis://127.0.0.1:9/0", "LOG_LEVEL": "ERROR", "DEBUG": "False",
    }  # fmt: skip
    return [sys.executable, "manage.py", "shell", "-v", "0", "-c", script], environment


def _limit(gigabytes):
    def limit():
        most = int(gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))

    return limit
