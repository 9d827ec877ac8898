"""The answer cache, and the tool call's one trip to Redis.

Answers are kept per persona, knowledge version, language and question. The live version stands in Redis too, so that
limits, version, cached answer and plain facts come in one script, without SQL. Nobody who calls this room ever sees an
error of Redis: what cannot be had is simply not there, and what cannot be counted there is counted here.

A stale answer is impossible: before a knowledge transaction a marker replaces the version, and whoever sees the marker
neither reads nor writes; after the commit the new version takes its place. Should the announcement be lost, the marker
goes after two minutes and the version is missing: then it is read from the rows and set, and read again, so that no
change slips in between.
"""

import hashlib
import math
import threading
import time
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.conf import settings

from knowledge import counting, trips
from knowledge.models import Library

PREFIX = "clone-advisor:knowledge:"
CHANGING_SECONDS = 120  # longer than any knowledge transaction; a marker left by a killed worker goes by itself
REPEAT_SECONDS = 1
_owed, _owing = {}, threading.Lock()  # persona id → version that Redis has not heard of
OWN_LANGUAGE = ""  # the persona's own; otherwise the code of the language asked for


@dataclass(frozen=True, slots=True)
class Recall:
    """What one trip brought. Without Redis everything but the limits is missing and ``available`` is False."""

    payload: bytes | None = None
    version: int | None = None  # None: unknown, or the knowledge is changing just now
    counts_over: tuple = ()  # names of the limits that were exceeded
    retry_after: int = 0  # seconds until the call would pass
    facts: dict = field(default_factory=dict)
    available: bool = False


def recall(persona_id, language, question, *, limits=(), facts=()):
    """Count, look up the version and the cached answer, and read plain facts, all in one trip.

    ``limits`` are (name, most, seconds); a name is counted per window of that many seconds, sliding: by Redis for all
    processes, by this process for itself while Redis does not. ``facts`` are keys given to ``remember``. Never raises.
    """
    limits, facts = list(limits), list(facts)
    before, after = f"{_answers(persona_id)}:", f":{_digest(language, question)}"
    keys, arguments = [_version(persona_id), _changing(persona_id), *map(_fact, facts)], [before, after, len(facts)]
    now = time.time()
    for name, most, seconds in limits:
        window = int(now // seconds)
        keys += [f"{PREFIX}count:{name}:{seconds}:{place}" for place in (window, window - 1)]
        arguments += [most, seconds, now - window * seconds]
    over, wait = counting.here.count(limits, now)  # counted at all times, so that it stands ready when Redis goes
    with trips.make("recall") as redis_:
        if redis_ is not None:
            places, retry, version, payload, values, counted = redis_.run("recall", keys=keys, args=arguments)
            if counted:
                over, wait = tuple(limits[place][0] for place in places), float(retry)
            return Recall(
                payload=payload,
                version=int(version) if version and version.isdigit() else None,
                counts_over=over,
                retry_after=_whole(wait) if over else 0,
                facts=dict(zip(facts, values, strict=True)),
                available=True,
            )
    return Recall(counts_over=over, retry_after=_whole(wait) if over else 0, facts=dict.fromkeys(facts))


def _whole(seconds):
    return max(1, math.ceil(seconds))


def keep(persona_id, version, language, question, payload):
    """Keep an answer of that version for ANSWER_CACHE_SECONDS; nothing happens when another version is live."""
    key = f"{_answers(persona_id)}:{version}:{_digest(language, question)}"
    with trips.make("keep") as redis_:
        if redis_ is not None:
            redis_.run(
                "keep",
                keys=[_version(persona_id), _changing(persona_id), key, _answers(persona_id)],
                args=[version, payload, settings.ANSWER_CACHE_SECONDS],
            )


def remember(key, value, seconds):
    """Keep a plain fact (bytes) for some seconds."""
    with trips.make("remember") as redis_:
        if redis_ is not None:
            redis_.client.set(_fact(key), value, ex=seconds)


def recall_fact(key):
    """A plain fact, or None."""
    with trips.make("recall_fact") as redis_:
        return redis_.client.get(_fact(key)) if redis_ is not None else None
    return None


def forget(key):
    """Drop a plain fact."""
    with trips.make("forget") as redis_:
        if redis_ is not None:
            redis_.client.delete(_fact(key))


def normalise(question):
    """What two questions have in common when they are the same one: NFKC, case, spaces and end punctuation aside."""
    text = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(text.split()).rstrip(" .?!。？！؟।…;")


def settle(persona_id):
    """Put the live version where ``recall`` sees it, when it was missing; nothing while the knowledge is changing."""
    version = _read_version(persona_id)
    with trips.make("settle") as redis_:
        if redis_ is None:
            return
        redis_.run("settle", keys=[_version(persona_id), _changing(persona_id)], args=[version])
        if _read_version(persona_id) != version:  # it moved in between, and whoever moved it sets it
            redis_.run("unsettle", keys=[_version(persona_id)], args=[version])


def mark_changing(persona_id):
    """To be called before a persona's knowledge changes: from now on nothing cached is read or written."""
    with trips.make("mark_changing") as redis_:
        if redis_ is not None:
            redis_.run("mark", keys=[_version(persona_id), _changing(persona_id)], args=[CHANGING_SECONDS])


def announce(persona_id, marks=1):
    """To be called after the commit: drop the persona's answers and let the new version be seen. ``marks`` is how many
    ``mark_changing`` are over with it. While Redis cannot be told, it is told again every second, and by a sweep besides,
    should this process end: what it keeps meanwhile is of the version before."""
    version = _read_version(persona_id)
    if _tell(persona_id, version, marks):
        return
    with _owing:
        alone, _owed[persona_id] = not _owed, version
    if alone:
        threading.Thread(target=_tell_again, name="announcing", daemon=True).start()


def _tell(persona_id, version, marks):
    """Whether Redis knows."""
    with trips.make("announce") as redis_:
        if redis_ is not None:
            keys = [_version(persona_id), _changing(persona_id), _answers(persona_id)]
            redis_.run("announce", keys=keys, args=[version, marks])
            return True
    return False


def _tell_again():
    while True:
        time.sleep(REPEAT_SECONDS)
        for persona_id, version in list(_owed.items()):
            # No mark is taken away: another change's may stand there, and one of ours goes by itself.
            known = _tell(persona_id, version, 0)
            with _owing:
                if known and _owed.get(persona_id) == version:
                    del _owed[persona_id]
                if not _owed:
                    return


@contextmanager
def changing(persona_id):
    """Around a knowledge transaction: nothing of this persona is cached or answered from the cache meanwhile."""
    mark_changing(persona_id)
    try:
        yield
    finally:
        announce(persona_id)


def _read_version(persona_id):
    return Library.objects.read_version(persona_id)


def _version(persona_id):
    return f"{PREFIX}version:{persona_id}"


def _changing(persona_id):
    return f"{PREFIX}changing:{persona_id}"


def _answers(persona_id):
    return f"{PREFIX}answers:{persona_id}"


def _fact(key):
    return f"{PREFIX}fact:{key}"


def _digest(language, question):
    return hashlib.blake2b(
        f"{language}\n{normalise(question)}".encode("utf-8", "surrogatepass"), digest_size=16
    ).hexdigest()
