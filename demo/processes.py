"""Programs started beside the site, each of which ends when whoever started it ends."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def start(command, *, log=None, environment=None, directory=None, user=None, niceness=0):
    """Start a program in a process group of its own, so that Ctrl-C reaches it only through us.

    On Linux the kernel sends it SIGTERM should we die without a word. Output goes to the file `log`, which is begun
    anew. Raises OSError when the program cannot be started.
    """
    with _opened(log) as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=directory,
            start_new_session=True,
            preexec_fn=_before(os.getpid(), niceness),
            **identity(user),
        )


def _opened(log):
    if log is None:
        return contextlib.nullcontext(subprocess.DEVNULL)
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    return open(log, "wb")


def identity(user):
    """The arguments that make subprocess run a program as this user (a `pwd` entry), or as ourselves for None."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _before(parent, niceness):
    def tie():
        if niceness:
            os.nice(niceness)
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it died before the line above took hold
                os._exit(1)

    return tie


def stop(process, *, word=signal.SIGTERM, patience=10):
    """Ask the program to end, wait at most `patience` seconds, then end what is left of its process group.

    Only the program itself is asked: a Celery worker whose whole group is told to end drops the task in its hands.
    """
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(word)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=patience)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_free(port):
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """A port nobody listens on at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def wait_for_port(port, process, *, seconds=30):
    """Return True once something accepts connections, False when the program ended or the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        time.sleep(0.05)
    return False
