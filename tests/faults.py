"""What can befall a server, done to real processes: frozen, killed, started again; and a wire to it that can be bad.

Of use to tests and benchmarks alike: ``stores.valkey`` and ``stores.postgresql`` give a Program, a Wire stands before one.
"""

import contextlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from demo import processes


class NotStarted(RuntimeError):
    """A server did not come up; the message carries the end of its log."""


@dataclass
class Program:
    """A server on its port. ``process`` is the one that runs now; after ``start`` it is another."""

    name: str
    command: list
    port: int
    folder: Path  # for its log
    word: int = signal.SIGTERM  # what it is asked to end with
    user: object = None
    environment: dict | None = None
    directory: Path | None = None  # where it runs; None: in its folder
    process: object = None

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        """Run it. Returns once its port is open; raises NotStarted."""
        log = self.folder / "log"
        self.process = processes.start(
            self.command,
            log=log,
            directory=self.directory or self.folder,
            user=self.user,
            environment=self.environment,
        )
        if not processes.wait_for_port(self.port, self.process, seconds=60):
            raise NotStarted(f"{self.name} did not start. The end of its log:\n{log.read_text()[-2000:]}")

    def stop(self):
        self.thaw()
        processes.stop(self.process, word=self.word)

    def freeze(self):
        """Stop it and all its children in their tracks: connections stay open, and nobody answers."""
        os.kill(self.pid, signal.SIGSTOP)  # the parent first, so that no child comes after the others were counted
        tell(descendants(self.pid), signal.SIGSTOP)

    def thaw(self):
        tell([*descendants(self.pid), self.pid], signal.SIGCONT)

    def kill(self):
        """End it and all its children at once, without a word, as a machine does that loses its power."""
        os.kill(self.pid, signal.SIGSTOP)
        family = [self.pid, *descendants(self.pid)]
        tell(family, signal.SIGKILL)
        self.process.wait()
        while any(Path(f"/proc/{pid}").exists() and not _is_dead(pid) for pid in family):
            time.sleep(0.01)

    @contextlib.contextmanager
    def frozen(self):
        self.freeze()
        try:
            yield
        finally:
            self.thaw()


@contextlib.contextmanager
def running(name, command, port, folder, **options):
    """A Program, started, and ended afterwards in whatever state it is then."""
    program = Program(name, command, port, folder, **options)
    try:
        program.start()
        yield program
    finally:
        program.stop()


def tell(pids, word):
    """Send a signal to each that is still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, word)


def descendants(pid):
    """Ids of a process's children and of theirs, the nearest first. PostgreSQL's leave its process group."""
    found = children(pid)
    return found + [further for child in found for further in descendants(child)]


def children(pid):
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):  # it ended while we looked
        return []


def _is_dead(pid):
    """Ended, and only waiting for somebody to take notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True
