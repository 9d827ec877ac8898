"""PostgreSQL: saved by pg_dump, in one snapshot with what is read beside it; loaded in one transaction or not at all."""

import subprocess
import tempfile

from django.apps import apps
from django.db import connection

from voice.saving import bars, manifest, programs
from voice.saving.refusals import NotRestored, NotSaved

PART = manifest.DATABASES["postgresql"]
PIECE = 2**20  # bytes handed on at a time
WAIT = "10s"  # for whatever else may hold a table


def save(path, read, look, *, without=()):
    """Write the database to ``path``, some tables empty, and give what ``read(cursor)`` finds in the very same moment. Raises NotSaved."""
    reading = connection.copy()  # the snapshot's transaction is no other's
    try:
        reading.set_autocommit(False)
        with reading.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot(), pg_database_size(current_database())")
            snapshot, size = cursor.fetchone()
            found = read(cursor)
            _dump(path, snapshot, size, look, without)
        return found
    except programs.Failed as fault:
        raise NotSaved(str(fault)) from fault
    finally:
        reading.close()


def _dump(path, snapshot, size, look, without):
    flags = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}"]
    flags += [f"--exclude-table-data={table}" for table in without]
    words, environment = programs.command("pg_dump", *flags)
    # It is written packed, so the bar ends before it is full: better than none.
    with bars.weigh(size, "database") as bar:

        def advance():
            look()
            bar.update((path.stat().st_size if path.exists() else 0) - bar.n)

        programs.run(words, environment, advance)


def version():
    return f"PostgreSQL {connection.pg_version}, {programs.version('pg_dump')}"


def others():
    """How many programs besides this one are connected to the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


def load(path):
    """Put the saved database in the place of ours. Raises NotRestored, and then ours is as it was.

    psql runs all of it in one transaction; it sees the end of its input, upon which it commits, only when pg_restore was
    content.
    """
    try:
        unpacking, _ = programs.command("pg_restore")
        unpacking = [unpacking[0], "--no-owner", "--no-privileges", "--file=-", str(path)]
        into, environment = programs.command(
            "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            f"--command=SET lock_timeout = '{WAIT}'; {_clearing()}", "--file=-",
        )  # fmt: skip
        connection.close()
        _pipe(unpacking, into, environment)
    except programs.Failed as fault:
        raise NotRestored(f"{fault} The database is as it was.") from fault


def _clearing():
    """Takes out every table of the rooms, those of a newer schema too, or what comes would meet them."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        labels = {"django", *(config.label for config in apps.get_app_configs())}
        if "django_migrations" in tables:
            cursor.execute("SELECT DISTINCT app FROM django_migrations")
            labels |= {row[0] for row in cursor.fetchall()}
    ours = [
        connection.ops.quote_name(table) for table in tables if table.startswith(tuple(f"{one}_" for one in labels))
    ]
    return f"DROP TABLE {', '.join(ours)} CASCADE;" if ours else ""


def _pipe(unpacking, into, environment):
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as answered:
        source = programs.start(unpacking, {}, stdout=subprocess.PIPE, stderr=said)
        target = programs.start(into, environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=answered)
        try:
            _hand_on(source.stdout, target.stdin)
            if source.wait():
                raise programs.Failed(programs.FAILED.format(name="pg_restore", said=programs.read(said)))
            target.stdin.close()
            if target.wait():
                raise programs.Failed(programs.FAILED.format(name="psql", said=programs.read(answered)))
        except BrokenPipeError:
            target.wait()
            raise programs.Failed(programs.FAILED.format(name="psql", said=programs.read(answered))) from None
        finally:
            programs.end(target)  # before its input is closed: an early end must not look like a good one
            programs.end(source)


def _hand_on(source, target):
    with bars.weigh(None, "database") as bar:
        while piece := source.read(PIECE):
            target.write(piece)
            bar.update(len(piece))
        target.flush()
