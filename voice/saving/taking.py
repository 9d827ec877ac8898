"""A backup is made, beside its place, and put there whole."""

import fcntl
import os
import platform
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.files.storage import default_storage
from django.db import connection

from knowledge import removals
from knowledge.models import Hold
from voice.saving import copies, databases, manifest
from voice.saving.refusals import NotSaved

ASIDE = ".unfinished"


def take(target, *, keep=None, leave_files=False):
    """Make a backup in the folder ``target`` and remove all but the newest ``keep``. Gives (its folder, its Manifest).

    The database comes first, in one snapshot, and then the files, because a row is never there before its file: what the
    snapshot names was in the storage already. It also still is when it is copied, since until then nothing that is deleted
    takes its file along (removals.held). The other way round, a document that came between the two would be a row
    without a file. Files that came later have no row in the snapshot and are not looked for. Raises NotSaved.
    """
    target = Path(target).absolute()
    try:
        with _alone(target):
            made_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            name = f"advisor-{made_at.replace(':', '')}"
            with _aside(target / f".{name}{ASIDE}", target / name) as folder:
                told = _fill(folder, made_at, leave_files)
            if keep:
                _rotate(target, keep)
            return target / name, told
    except OSError as fault:
        raise NotSaved(f"{fault}. Nothing was kept; earlier backups are untouched.") from fault


def _fill(folder, made_at, leave_files):
    store = databases.store()
    part = folder / store.PART
    with _held() as look:
        facts = store.save(part, databases.read, look, without=databases.LEFT_OUT)
        files, missing = copies.save(facts.files, folder, look, leave=leave_files)
        # Pictures that only a persona's history has: whoever goes back to one misses it, nobody else.
        older, _gone = copies.save(facts.older_files, folder, look, leave=leave_files)
    rows = {table: 0 if table in databases.LEFT_OUT else count for table, count in facts.rows.items()}
    database = manifest.Part(store.PART, part.stat().st_size, manifest.digest(part))
    told = manifest.Manifest(
        made_at=made_at, store=connection.vendor, versions=_versions(store), migrations=facts.migrations, rows=rows,
        database=database, files=files + older, missing=missing, key=manifest.mark_key(made_at),
    )  # fmt: skip
    manifest.write(folder, told)
    return told


@contextmanager
def _held():
    """Files of what is deleted meanwhile stay. A database from before there were holds is saved without."""
    if Hold._meta.db_table in connection.introspection.table_names():
        with removals.held() as look:
            yield look
    else:
        yield lambda: None


def _versions(store):
    return {
        "database": store.version(),
        "django": django.get_version(),
        "python": platform.python_version(),
        "files": type(default_storage._wrapped).__name__,
    }


@contextmanager
def _alone(target):
    """One backup into a folder at a time. What is unfinished in it was then left by one that died, and goes."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(target / ".lock", "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotSaved(f"Another backup is being made in {target}. Wait for it, or name another folder.") from None
        for dead in target.glob(f".*{ASIDE}"):
            shutil.rmtree(dead)
        yield


@contextmanager
def _aside(aside, place):
    """What is made in ``aside`` is in ``place`` when it is whole and on the disk, and nowhere otherwise."""
    aside.mkdir(mode=0o700)
    try:
        yield aside
        os.sync()
        aside.rename(place)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _rotate(target, keep):
    """Only what has the name and the manifest of a backup is taken for one."""
    made = sorted(
        one for one in target.iterdir() if manifest.NAME.fullmatch(one.name) and (one / manifest.FILE).is_file()
    )
    for old in made[:-keep]:
        (old / manifest.FILE).unlink()  # from here on it is none, however this ends
        shutil.rmtree(old)
