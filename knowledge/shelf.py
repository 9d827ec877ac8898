"""Where the personas' indexes stand: one file each under DATA_DIR/index, opened by every process of the host.

A file is named by all that decides what is in it, so an old one can never be taken for a new one. It is built under a
lock, once per host, and put there whole; the files of earlier versions are removed then. A process keeps the ones it
used last open.
"""

import fcntl
import hashlib
import io
import logging
import os
import re
import tempfile
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager, suppress

from django.conf import settings
from django.utils.translation import gettext as _

from knowledge import bridging, embeddings, index
from knowledge.index import arrays, indexing
from knowledge.models import Document, Library, Passage, Scale

logger = logging.getLogger(__name__)

OPEN_AT_MOST = 64
LOCK_SECONDS = 60
ANSWERING = 0.3  # seconds before a deadline that are left for answering from an earlier index
SPECIAL = re.compile(r"[^A-Za-z0-9]+")

_open = OrderedDict()  # persona id → (file name, Index)
_building = {}  # file name → Future
_lock = threading.Lock()
_builders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="index")


class NotInTime(Exception):
    """The index is still being built: it will be there for the next question."""


def find(persona, deadline=None, library=None):
    """The persona's index as its knowledge stands now: one indexed read, unless ``library``, (version, engine), was read
    just now, and building it when nobody has yet.

    When that would come too near to ``deadline`` (a time.monotonic() value), an earlier one with what is no longer so
    ``hidden``; raises NotInTime when there is none. Building goes on meanwhile.
    """
    version, engine = _name_engine(*library) if library else _read_library(persona.pk)
    name = file_name(persona.pk, version, persona.languages, engine)
    with _lock:
        known = _open.get(persona.pk)
        if known and known[0] == name:
            _open.move_to_end(persona.pk)
            return known[1]
    try:
        return _keep(persona.pk, name, _read_or_build(persona, version, engine, name, deadline))
    except NotInTime:
        earlier = _find_earlier(persona)
        if earlier is None:
            raise
        return bridging.bridge(persona, earlier)


def warm(persona):
    """Build the index if need be, so that the first question does not have to wait for it."""
    return find(persona)


def forget(persona_id):
    """Close and remove every index of a persona."""
    with _lock:
        _open.pop(persona_id, None)
    for path in directory().glob(f"{persona_id.hex}.*"):
        path.unlink(missing_ok=True)


def close():
    """Close every index, as at the start of a process."""
    with _lock:
        _open.clear()


def directory():
    return settings.DATA_DIR / "index"


def file_name(persona_id, version, languages, engine):
    """By an engine's name, cut to letters that any disk takes, and by its sum, since two may look alike then."""
    short = f"{SPECIAL.sub('-', engine)[:60]}-{hashlib.blake2b(engine.encode(), digest_size=4).hexdigest()}"
    return f"{persona_id.hex}.{version:010d}.{'+'.join(languages)}.{short}.index"


def _keep(persona_id, name, found):
    with _lock:
        _open[persona_id] = (name, found)
        _open.move_to_end(persona_id)
        while len(_open) > OPEN_AT_MOST:
            _open.popitem(last=False)
    return found


def _read_or_build(persona, version, engine, name, deadline):
    path = directory() / name
    try:
        return index.read(path)
    except FileNotFoundError:
        pass
    except (arrays.BrokenIndex, OSError) as problem:
        logger.warning("An index is built again: %s", problem)
        with suppress(OSError):  # if it cannot be removed, it cannot be replaced either, and stays in memory
            path.unlink(missing_ok=True)
    with _lock:
        waiting = _building.get(name)
    if waiting is None:
        source = _read_rows(persona, version, engine)
        with _lock:
            waiting = _building.get(name) or _builders.submit(_build, path, persona, source)
            _building[name] = waiting
    try:
        return waiting.result(timeout=None if deadline is None else max(0.0, deadline - ANSWERING - time.monotonic()))
    except Late:
        raise NotInTime(_("The index is still being built.")) from None


def _find_earlier(persona):
    """The newest index of an earlier version, or None."""
    for path in sorted(directory().glob(f"{persona.pk.hex}.*.index"), reverse=True):
        with suppress(arrays.BrokenIndex, OSError):
            return index.read(path)
    return None


def _read_library(persona_id):
    """(version, id of the engine whose vectors answer)."""
    return _name_engine(*Library.objects.read(persona_id))


def _name_engine(version, engine):
    return version, engine or embeddings.configured().id


def _read_scale(engine):
    """(slope, shift) that bring its cosines to those of the engine of this host; (0, 0) where that is not known."""
    if engine == embeddings.LOCAL:
        return 1.0, 0.0
    return Scale.objects.filter(pk=engine).values_list("slope", "shift").first() or (0.0, 0.0)


def _read_rows(persona, version, engine):
    """(passages, their documents, languages, version, engine, scale of its cosines), all of one version: read again when it
    moved in between."""
    while True:
        rows = list(Passage.objects.known_to(persona).with_vectors(engine).order_by("document_id", "position"))
        sources = [
            index.Source(str(pk), title, starts, read_at.timestamp())
            for pk, title, starts, read_at in Document.objects.filter(persona=persona)
            .read()
            .order_by("pk")
            .values_list("pk", "title", "page_starts", "read_at")
        ]
        now = _read_library(persona.pk)
        if now == (version, engine):
            return rows, sources, persona.languages, version, engine, _read_scale(engine)
        version, engine = now


def _build(path, persona, source):
    """Compute the index and put it on the shelf; where that cannot be written, keep it in memory alone."""
    started = time.monotonic()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent / f"{persona.pk.hex}.lock"):
            if not path.exists():
                _write(path, indexing.compute(*source))
                _remove_older(path, persona.pk)
        return index.read(path)
    except OSError as problem:
        logger.error("The index of %s cannot be kept on disk: %s", persona.slug, problem)
        memory = io.BytesIO()
        arrays.write(indexing.compute(*source), memory)
        return index.read_bytes(memory.getvalue())
    finally:
        with _lock:
            _building.pop(path.name, None)
        logger.info("Index of %s: %d passages in %.2f s", persona.slug, len(source[0]), time.monotonic() - started)


def _write(path, found):
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            arrays.write(found, file)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _remove_older(path, persona_id):
    for other in path.parent.glob(f"{persona_id.hex}.*.index*"):
        if other.name < path.name:
            other.unlink(missing_ok=True)


@contextmanager
def _locked(path):
    """One builder per persona and host. The lock goes with the process that holds it, whatever becomes of it."""
    with open(path, "a") as file:
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise OSError("another process has held the index's lock for a minute") from None
                time.sleep(0.01)
        yield
