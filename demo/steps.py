"""One line for each thing that is set up: what, and how long it took. What was done before is not done again."""

import contextlib
import hashlib
import os
import signal
import sys
import time
from pathlib import Path

from demo import processes

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NO_NETWORK = (
    "NewConnectionError",
    "Temporary failure in name resolution",
    "Name or service not known",
    "Network is unreachable",
    "ConnectTimeoutError",
    "ECONNREFUSED",
    "EAI_AGAIN",
    "ENOTFOUND",
    "ETIMEDOUT",
    "ENETUNREACH",
    "(from versions: none)",  # pip, when not one version of a pinned package could be seen
)


class Problem(Exception):
    """Something the person at the keyboard has to put right; the message is the sentence they read."""


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or asked us to end."""


def say(text=""):
    """Print a line now, even into a pipe."""
    print(text, flush=True)


def listen_for_the_end():
    """Turn Ctrl-C, SIGTERM and a closed terminal into Stopped, so that everything started is stopped on the way out."""

    def end(number, frame):
        turn_deaf()
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


def turn_deaf():
    """Stopping is under way: a second Ctrl-C must not leave half of it undone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def step(title):
    """Print the title, then the seconds it took; `note(text)` adds a remark at the end of the line."""
    print(f"  {title:<40}", end="", flush=True)
    started, notes = time.monotonic(), []
    try:
        yield notes.append
    except BaseException as end:
        say("failed" if isinstance(end, Exception) else "stopped")
        raise
    say(f"{time.monotonic() - started:6.1f} s  {' '.join(notes)}".rstrip())


def once(title, act, *, stamps, inputs=(), facts=(), makes=()):
    """Do a step unless it was done with these very inputs (files), facts (texts) and all it `makes` is still there.

    Returns whether it was done now. `stamps` is the folder that remembers; it lies beside what was made, so that
    deleting the one forgets the other.
    """
    stamp = stamps / title.lower().replace(" ", "-")
    print_of_inputs = fingerprint(inputs, facts)
    with step(title) as note:
        known = stamp.is_file() and stamp.read_text() == print_of_inputs
        if known and all(Path(path).exists() for path in makes):
            note("(as before)")
            return False
        stamp.unlink(missing_ok=True)
        act()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(print_of_inputs)
    return True


def fingerprint(inputs, facts=()):
    """One text for the contents of files and folders and for what else counts."""
    digest = hashlib.sha256(repr(tuple(facts)).encode())
    for path in sorted(_files(inputs)):
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(paths):
    for path in paths:
        if path.is_dir():
            yield from (found for found in path.rglob("*") if found.is_file() and found.suffix != ".pyc")
        elif path.is_file():
            yield path


def run(command, failure, *, environment=None):
    """Run a program to its end, its output in var/log/setup.log, and return that. Raises Problem, with `failure` first."""
    log = ROOT / "var" / "log" / "setup.log"
    process = processes.start(command, log=log, environment=environment or dict(os.environ), directory=ROOT)
    try:
        code = process.wait()
    finally:
        processes.stop(process)
    output = log.read_text(errors="replace")
    if code:
        raise Problem(f"{failure} {_reason(output)}")
    return output


def _reason(output):
    if any(sign in output for sign in NO_NETWORK):
        return "The network cannot be reached: connect this machine to the internet, or name its proxy, and try again."
    last = "\n".join(f"    {line}" for line in output.strip().splitlines()[-12:])
    return f"The end of var/log/setup.log says why:\n{last}"


def give_up(problem):
    """Say the sentence and end with exit code 1."""
    say()
    print(problem, file=sys.stderr, flush=True)
    sys.exit(1)
