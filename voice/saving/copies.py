"""Files out of the storage into a backup, and back: any storage, since only Django's words for one are used."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils._os import safe_join

from voice.saving import bars, manifest
from voice.saving.refusals import NotRestored, NotSaved

AT_ONCE = 8  # a bucket takes 50 ms to answer, whatever it is asked
TRIES, PAUSE_SECONDS = 3, 2


@dataclass(frozen=True, slots=True)
class Difference:
    """What the storage has of a backup's files: those it lacks, those it has otherwise, and those that were left in it and
    are gone. Parts each."""

    absent: list = field(default_factory=list)
    other: list = field(default_factory=list)
    lost: list = field(default_factory=list)


def save(names, folder, look, *, leave):
    """([Part of each], [names of which the storage has nothing]). With ``leave`` they are only looked at. Raises NotSaved."""
    take = _or_none(_look_at if leave else _copy_out)
    parts, missing = [], []
    try:
        for name, part in _each(lambda name: take(name, folder), names, "files"):
            if part is None:
                missing.append(name)
            else:
                parts.append(part)
            look()
    except OSError as fault:
        raise NotSaved(f"A file could not be copied: {fault}. Nothing was kept; make room, or try again.") from fault
    return parts, missing


def compare(parts):
    """The Difference between these Parts and the storage. Raises NotRestored."""
    found = Difference()
    try:
        for part, digest in _each(_or_none(_sum_up), parts, "looking"):
            if digest is None:
                (found.absent if part.sha256 else found.lost).append(part)
            elif part.sha256 and digest != part.sha256:
                found.other.append(part)
    except OSError as fault:
        raise NotRestored(f"The storage of files does not answer: {fault}. Nothing was changed; try again.") from fault
    return found


def bring(parts, folder):
    """Put files of a backup into the storage, in the place of whatever has their name. Raises NotRestored."""
    try:
        for _part, _done in _each(lambda part: _copy_in(part, folder), parts, "files"):
            pass
    except (OSError, SuspiciousFileOperation) as fault:
        raise NotRestored(
            f"A file could not be put back: {fault}. The database is as it was; make room, or try again with --replace."
        ) from fault


def name_of(part):
    return part.path.removeprefix(manifest.FILES)


def _each(act, things, what):
    """(thing, what ``act`` made of it) of each, in order, several at once. The first fault ends it."""
    with bars.count(len(things), what, "file") as bar, ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for thing, made in zip(things, pool.map(lambda one: _insist(act, one), things), strict=True):
                yield thing, made
                bar.update()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _insist(act, thing):
    """A bucket fails now and then, and there are many files."""
    for _attempt in range(1, TRIES):
        try:
            return act(thing)
        except FileNotFoundError:
            raise
        except OSError:
            time.sleep(PAUSE_SECONDS)
    return act(thing)


def _or_none(act):
    """The same, and None where there is no such file, or none that the storage would ever have."""

    def look(*given):
        try:
            return act(*given)
        except (FileNotFoundError, SuspiciousFileOperation):
            return None

    return look


def _look_at(name, _folder):
    if not default_storage.exists(name):
        return None
    return manifest.Part(manifest.FILES + name, default_storage.size(name), "")


def _copy_out(name, folder):
    path = Path(safe_join(folder, manifest.FILES + name))
    found, size = hashlib.sha256(), 0
    with default_storage.open(name) as source:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as target:
            for piece in source.chunks(manifest.PIECE):
                target.write(piece)
                found.update(piece)
                size += len(piece)
    return manifest.Part(manifest.FILES + name, size, found.hexdigest())


def _sum_up(part):
    """The SHA-256 of what the storage has under a Part's name; '' where only its presence matters, or its size is another."""
    name = name_of(part)
    if not default_storage.exists(name):
        return None
    if not part.sha256 or default_storage.size(name) != part.bytes:
        return ""
    found = hashlib.sha256()
    with default_storage.open(name) as file:
        for piece in file.chunks(manifest.PIECE):
            found.update(piece)
    return found.hexdigest()


def _copy_in(part, folder):
    name = name_of(part)
    if default_storage.exists(name):
        default_storage.delete(name)
    with open(safe_join(folder, part.path), "rb") as source:
        kept = default_storage.save(name, File(source))
    if kept != name:
        raise OSError(f"the storage called {name} {kept}")
