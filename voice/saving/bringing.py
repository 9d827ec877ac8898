"""A backup is brought back: looked at first, then files, then the database, then what follows from another past."""

from pathlib import Path

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from knowledge import shelf
from knowledge.models import Hold, Library
from voice.saving import copies, databases, manifest
from voice.saving.refusals import NotRestored

OURS = "clone-advisor:*"  # what the site keeps in Redis, tasks apart
TELLING = (
    "auth_user",
    "personas_persona",
    "knowledge_document",
    "voice_conversation",
)  # with rows in them it is in use
SHOWN = 5
NOT_OURS = (
    "{folder} was made with another SECRET_KEY, or changed since. A backup can hold whatever somebody wrote into it, and the "
    "database runs it. Put the SECRET_KEY of then into .env; or, when you know that it is your own, restore it with --trust. "
    "Nothing was changed."
)


def bring(folder, *, replace=False, trust=False, say=lambda sentence: None):
    """Put a backup in the place of our database and files, and bring it up to this code's schema. Gives its Manifest.

    With ``trust`` also one that is not signed by our SECRET_KEY: what is in it runs on the database server.

    Files come first: a restore that is cut off leaves the database as it was, with files beside it that no row names yet.
    ``say`` is told each step. Raises NotRestored.
    """
    folder = Path(folder).absolute()
    found = manifest.read(folder)
    if not trust and not manifest.is_ours(found):
        raise NotRestored(NOT_OURS.format(folder=folder))
    _refuse_what_is_not_ours(folder, found)
    manifest.check(folder, found)
    say("The backup is whole.")
    difference = copies.compare(found.files)
    _refuse_what_is_in_use(difference, replace)
    copies.bring(difference.absent + difference.other, folder)
    say(f"{len(difference.absent + difference.other)} of {len(found.files)} files were put back, the others are there.")
    databases.store().load(folder / found.database.path)
    _count(found)
    say(f"The database is as it was on {found.made_at}: {sum(found.rows.values())} rows.")
    call_command("migrate", interactive=False, verbosity=0)
    _part_from_what_was(say)
    return found


def _refuse_what_is_not_ours(folder, found):
    if found.store != connection.vendor:
        raise NotRestored(
            f"{folder} is of a {found.store} database and DATABASE_URL names a {connection.vendor} one. Set DATABASE_URL to an "
            f"empty {found.store} database, then restore."
        )
    known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if newer := sorted(set(found.migrations) - known):
        more = f" and {len(newer) - SHOWN} more" if len(newer) > SHOWN else ""
        raise NotRestored(
            f"The backup is of a newer schema: this code does not know {', '.join(newer[:SHOWN])}{more}. Check out the code that "
            "made it, or newer, then restore. Nothing was changed."
        )


def _refuse_what_is_in_use(difference, replace):
    if others := databases.store().others():
        raise NotRestored(
            f"{others} other connections to the database are open. Stop web, worker and clock first, then restore. "
            "Nothing was changed."
        )
    if replace:
        return
    if used := _used():
        raise NotRestored(
            f"The database is in use: {used}. Name an empty one in DATABASE_URL, or say --replace to have the backup in its "
            "place (make one of it first). Nothing was changed."
        )
    if difference.other:
        names = ", ".join(copies.name_of(one) for one in difference.other[:SHOWN])
        raise NotRestored(
            f"{len(difference.other)} files in the storage have names of the backup's and something else in them: {names}. Empty "
            "the storage, or say --replace to have the backup's in their place. Nothing was changed."
        )


def _used():
    """What there is, in words; '' for a database with nothing that anybody would miss."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        counted = {}
        for table in TELLING:
            if table in tables:
                cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608  TELLING is a constant
                counted[table] = cursor.fetchone()[0]
    return ", ".join(f"{count} rows in {table}" for table, count in counted.items() if count)


def _count(found):
    """Every table against the manifest. Raises NotRestored."""
    with connection.cursor() as cursor:
        rows = databases.read(cursor).rows
    wrong = [
        f"{table} has {rows.get(table)} rows and not {told}"
        for table, told in found.rows.items()
        if rows.get(table) != told
    ]
    if wrong:
        raise NotRestored(
            f"The database was restored and is not what was saved: {'; '.join(wrong[:SHOWN])}. Restore once more into an "
            "empty database; if it says the same, take another backup."
        )


def _part_from_what_was(say):
    """Nothing that was kept beside the database since may be taken for its own: what stands in Redis goes, and knowledge
    versions go on from a number that no index of any host can have yet, the seconds of the clock."""
    Hold.objects.all().delete()
    Library.objects.leap()
    for path in shelf.directory().glob("*.index*"):
        path.unlink(missing_ok=True)
    shelf.close()
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as connected:
            for key in connected.scan_iter(OURS, count=1000):
                connected.delete(key)
    except redis.RedisError as fault:
        say(f"Redis could not be cleared ({fault}): empty it before you start the site, or wait ten minutes.")
