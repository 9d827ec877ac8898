"""SQLite: saved and loaded by its online backup, which is one moment of a database that is in use."""

import sqlite3
from contextlib import closing

from django.db import connection

from voice.saving import manifest
from voice.saving.refusals import NotRestored, NotSaved

PART = manifest.DATABASES["sqlite"]


def save(path, read, look, *, without=()):
    """Write the database to ``path``, some tables empty, and give what ``read(cursor)`` finds in the copy. Raises NotSaved.

    In one step: in several, SQLite begins anew whenever somebody writes in between. In WAL mode nobody waits for it.
    """
    look()
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(path)) as target:
            connection.connection.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without others beside it
            _empty(target, without)
            return read(target.cursor())
    except sqlite3.Error as fault:
        raise NotSaved(f"SQLite did not do it: {fault}. Is the disk full?") from fault


def _empty(target, tables):
    """Rows that are only deleted could still be read in the file: here they are written over."""
    target.execute("PRAGMA secure_delete=ON")
    there = {row[0] for row in target.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in there.intersection(tables):
        target.execute(f"DELETE FROM {table}")  # noqa: S608  a constant of ours
    target.commit()


def version():
    return f"SQLite {sqlite3.sqlite_version}"


def others():
    """Nobody can say who has a file open."""
    return 0


def load(path):
    """Put the saved database in the place of ours. Raises NotRestored, and then ours is as it was."""
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(path)) as source:
            if (said := source.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise NotRestored(f"The saved database is broken: {said}. Take another backup. Nothing was changed.")
            source.backup(connection.connection)
    except sqlite3.Error as fault:
        raise NotRestored(
            f"SQLite did not do it: {fault}. Stop whatever has the database open. It is as it was."
        ) from fault
