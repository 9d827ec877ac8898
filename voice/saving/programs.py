"""PostgreSQL's own programs, which write and read a database faster and truer than anything else."""

import os
import shutil
import subprocess
import tempfile

from django.db import connection
from django.db.backends.postgresql.client import DatabaseClient

LOOK_SECONDS = 0.5
MISSING = (
    "{name} was not found. Install PostgreSQL's client programs, not older than the server (on Debian and Ubuntu the "
    "package postgresql-client), and do it again."
)
FAILED = (
    "{name} did not do it: {said} (When it speaks of versions: the client programs must not be older than the server.)"
)


class Failed(Exception):
    """A program is missing, or said no."""


def command(name, *flags):
    """(the words of a command on the database that the settings name, its environment): a password is never a word of it."""
    path = shutil.which(name)
    if path is None:
        raise Failed(MISSING.format(name=name))
    words, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    *where, database = words[1:]
    return [path, *where, *flags, f"--dbname={database}"], environment or {}


def run(words, environment, look):
    """Run one to its end; ``look`` is called twice a second meanwhile. Raises Failed."""
    with tempfile.TemporaryFile() as said:
        process = start(words, environment, stdout=subprocess.DEVNULL, stderr=said)
        try:
            while True:
                try:
                    process.wait(LOOK_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    look()
        finally:
            end(process)
        if process.returncode:
            raise Failed(FAILED.format(name=name_of(words), said=read(said)))


def start(words, environment, **options):
    return subprocess.Popen(words, env={**os.environ, **environment}, **options)  # noqa: S603  words of ours, no shell


def end(process):
    """However we came here, it does not go on without us."""
    if process.poll() is None:
        process.kill()
        process.wait()


def name_of(words):
    return words[0].rpartition("/")[2]


def read(said):
    """The last lines of what a program said."""
    said.seek(0)
    return " ".join(said.read().decode(errors="replace").split())[-800:]


def version(name):
    """As it says itself; '' when it is not there."""
    path = shutil.which(name)
    return subprocess.run([path, "--version"], capture_output=True, text=True).stdout.strip() if path else ""  # noqa: S603  a program that was looked up
