"""The answer cache, and the tool call's one trip to Redis.

Answers are kept per persona, knowledge version, language and question. The live version stands in Redis too, so that
limits, version, cached answer and plain facts come in one script, without SQL. Nobody who calls this room ever sees an
error of Redis: what cannot be had is simply not there.

A stale answer is impossible: before a knowledge transaction a marker replaces the version, and whoever sees the marker
neither reads nor writes; after the commit the new version takes its place. Should the announcement be lost, the marker
goes after two minutes and the version is missing: then it is read from the rows and set, and read again, so that no
change slips in between.
"""

import hashlib
import logging
import threading
import time
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from knowledge.models import Library

logger = logging.getLogger(__name__)

PREFIX = "clone-advisor:knowledge:"
TIMEOUT_SECONDS = 0.1  # redis-py's defaults took 59 s to fail on a frozen server (measured)
BREAK_SECONDS = 2  # after a fault Redis is left alone that long
CHANGING_SECONDS = 120  # longer than any knowledge transaction; a marker left by a killed worker goes by itself
OWN_LANGUAGE = ""  # the persona's own; otherwise the code of the language asked for

# A key of another type, or garbage, is as good as none.
GET = """
local function get(key)
  local found = redis.pcall('GET', key)
  if type(found) == 'table' then return false end
  return found
end
"""
# KEYS: version, changing, fact …, then two buckets (this window's and the last one's) per limit.
# ARGV: answer key's beginning and end, number of facts, then limit, window seconds and place in the window per limit.
# Limits are sliding windows: the last window counts by the share of it that still lies within one window's length, so
# that nobody gets twice the limit around a window's edge. A refused call is not counted.
RECALL = (
    GET
    + """
local facts, over, retry = tonumber(ARGV[3]), {}, 0
local limits = (#ARGV - 3) / 3
for i = 0, limits - 1 do
  local now, before = KEYS[3 + facts + 2 * i], KEYS[4 + facts + 2 * i]
  local limit, window, passed = tonumber(ARGV[4 + 3 * i]), tonumber(ARGV[5 + 3 * i]), tonumber(ARGV[6 + 3 * i])
  local count, last = tonumber(get(now) or 0) or 0, tonumber(get(before) or 0) or 0
  if count + last * (1 - passed / window) + 1 > limit then
    table.insert(over, i)
    local wait = window - passed
    if count + 1 <= limit and last > 0 then wait = window * (1 - (limit - count - 1) / last) - passed end
    if wait > retry then retry = wait end
  end
end
if #over == 0 then
  for i = 0, limits - 1 do
    redis.pcall('INCR', KEYS[3 + facts + 2 * i])
    redis.pcall('EXPIRE', KEYS[3 + facts + 2 * i], math.ceil(tonumber(ARGV[5 + 3 * i]) * 2))
  end
end
local found = {}
for i = 1, facts do found[i] = get(KEYS[2 + i]) end
local version, payload = get(KEYS[1]), false
if redis.call('EXISTS', KEYS[2]) == 1 then version = false end
if version and string.match(version, '^%d+$') then payload = get(ARGV[1] .. version .. ARGV[2]) end
return {over, tostring(retry), version, payload, found}
"""
)
# KEYS: version, changing, answer, the persona's answers. ARGV: the version the answer belongs to, payload, seconds.
KEEP = (
    GET
    + """
if get(KEYS[1]) ~= ARGV[1] or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[3], ARGV[2], 'EX', ARGV[3])
redis.call('SADD', KEYS[4], KEYS[3])
redis.call('EXPIRE', KEYS[4], ARGV[3])
return 1
"""
)
# KEYS: version, changing. ARGV: seconds. Two changes may overlap, so markers are counted.
MARK = """
redis.call('DEL', KEYS[1])
redis.call('INCR', KEYS[2])
redis.call('EXPIRE', KEYS[2], ARGV[1])
"""
# KEYS: version, changing, the persona's answers. ARGV: version, markers to take away. A version never goes back: of two
# announcements the later change wins, whichever arrives last.
ANNOUNCE = (
    GET
    + """
for _, key in ipairs(redis.call('SMEMBERS', KEYS[3])) do redis.call('DEL', key) end
redis.call('DEL', KEYS[3])
if ARGV[1] == '0' then redis.call('DEL', KEYS[1])
elseif (tonumber(get(KEYS[1]) or 0) or 0) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
if redis.call('DECRBY', KEYS[2], ARGV[2]) <= 0 then redis.call('DEL', KEYS[2]) end
"""
)
# KEYS: version, changing. ARGV: version as the rows say.
SETTLE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return 1
"""


SCRIPTS = {"recall": RECALL, "keep": KEEP, "mark": MARK, "announce": ANNOUNCE, "settle": SETTLE}


@dataclass(frozen=True, slots=True)
class Recall:
    """What one trip brought. Without Redis everything is missing and ``available`` is False."""

    payload: bytes | None = None
    version: int | None = None  # None: unknown, or the knowledge is changing just now
    counts_over: tuple = ()  # names of the limits that were exceeded
    retry_after: int = 0  # seconds until the call would pass
    facts: dict = field(default_factory=dict)
    available: bool = False


class _Connection:
    """Our own client, without retries, and a breaker before it."""

    def __init__(self):
        self.lock, self.client, self.address, self.closed_until = threading.Lock(), None, None, 0.0

    def __call__(self):
        with self.lock:
            if self.client is None or self.address != settings.REDIS_URL:
                self.address, self.closed_until = settings.REDIS_URL, 0.0
                self.client = redis.Redis.from_url(
                    self.address,
                    socket_timeout=TIMEOUT_SECONDS,
                    socket_connect_timeout=TIMEOUT_SECONDS,
                    retry=Retry(NoBackoff(), 0),
                    health_check_interval=0,
                )
                for name, script in SCRIPTS.items():
                    setattr(self, name, self.client.register_script(script))
            return self

    @property
    def is_open(self):
        return time.monotonic() >= self.closed_until


_connection = _Connection()


def recall(persona_id, language, question, *, limits=(), facts=()):
    """Count, look up the version and the cached answer, and read plain facts, all in one trip.

    ``limits`` are (name, most, seconds); a name is counted per window of that many seconds, sliding. ``facts`` are keys
    given to ``remember``. Never raises.
    """
    limits, facts = list(limits), list(facts)
    nothing = Recall(facts=dict.fromkeys(facts))
    before, after = f"{_answers(persona_id)}:", f":{_digest(language, question)}"
    keys, arguments = [_version(persona_id), _changing(persona_id), *map(_fact, facts)], [before, after, len(facts)]
    now = time.time()
    for name, most, seconds in limits:
        window = int(now // seconds)
        keys += [f"{PREFIX}count:{name}:{seconds}:{place}" for place in (window, window - 1)]
        arguments += [most, seconds, now - window * seconds]
    with _trip("recall") as redis_:
        if redis_ is None:
            return nothing
        over, retry, version, payload, found = redis_.recall(keys=keys, args=arguments)
        return Recall(
            payload=payload,
            version=int(version) if version and version.isdigit() else None,
            counts_over=tuple(limits[place][0] for place in over),
            retry_after=max(1, -int(-float(retry) // 1)) if over else 0,
            facts=dict(zip(facts, found, strict=True)),
            available=True,
        )
    return nothing


def keep(persona_id, version, language, question, payload):
    """Keep an answer of that version for ANSWER_CACHE_SECONDS; nothing happens when another version is live."""
    key = f"{_answers(persona_id)}:{version}:{_digest(language, question)}"
    with _trip("keep") as redis_:
        if redis_ is not None:
            redis_.keep(
                keys=[_version(persona_id), _changing(persona_id), key, _answers(persona_id)],
                args=[version, payload, settings.ANSWER_CACHE_SECONDS],
            )


def remember(key, value, seconds):
    """Keep a plain fact (bytes) for some seconds."""
    with _trip("remember") as redis_:
        if redis_ is not None:
            redis_.client.set(_fact(key), value, ex=seconds)


def recall_fact(key):
    """A plain fact, or None."""
    with _trip("recall_fact") as redis_:
        return redis_.client.get(_fact(key)) if redis_ is not None else None
    return None


def forget(key):
    """Drop a plain fact."""
    with _trip("forget") as redis_:
        if redis_ is not None:
            redis_.client.delete(_fact(key))


def normalise(question):
    """What two questions have in common when they are the same one: NFKC, case, spaces and end punctuation aside."""
    text = unicodedata.normalize("NFKC", question).casefold()
    return " ".join(text.split()).rstrip(" .?!。？！؟।…;")


def settle(persona_id):
    """Put the live version where ``recall`` sees it, when it was missing; nothing while the knowledge is changing."""
    version = _read_version(persona_id)
    with _trip("settle") as redis_:
        if redis_ is None:
            return
        redis_.settle(keys=[_version(persona_id), _changing(persona_id)], args=[version])
        if _read_version(persona_id) != version:  # it moved in between, and whoever moved it sets it
            redis_.client.delete(_version(persona_id))


def mark_changing(persona_id):
    """To be called before a persona's knowledge changes: from now on nothing cached is read or written."""
    with _trip("mark_changing") as redis_:
        if redis_ is not None:
            redis_.mark(keys=[_version(persona_id), _changing(persona_id)], args=[CHANGING_SECONDS])


def announce(persona_id, marks=1):
    """To be called after the commit: drop the persona's answers and let the new version be seen. ``marks`` is how many
    ``mark_changing`` are over with it."""
    version = _read_version(persona_id)
    with _trip("announce") as redis_:
        if redis_ is not None:
            keys = [_version(persona_id), _changing(persona_id), _answers(persona_id)]
            redis_.announce(keys=keys, args=[version, marks])


@contextmanager
def changing(persona_id):
    """Around a knowledge transaction: nothing of this persona is cached or answered from the cache meanwhile."""
    mark_changing(persona_id)
    try:
        yield
    finally:
        announce(persona_id)


@contextmanager
def _trip(what):
    """The connection, or None while the breaker is open; a fault of Redis opens it and ends the block."""
    connection = _connection()
    if not connection.is_open:
        yield None
        return
    try:
        yield connection
    except (redis.RedisError, OSError, ValueError) as problem:
        connection.closed_until = time.monotonic() + BREAK_SECONDS
        logger.warning("Redis failed at %s, left alone for %s s: %s", what, BREAK_SECONDS, type(problem).__name__)


def _read_version(persona_id):
    return Library.objects.filter(pk=persona_id).values_list("version", flat=True).first() or 0


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
