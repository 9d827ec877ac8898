"""Redis as the knowledge room uses it: one client without retries, a breaker before it, and what runs inside it.

redis-py's defaults took 59 seconds to fail on a frozen server (measured); here a tenth of one, and then Redis is left
alone for a while.
"""

import hashlib
import logging
import os
import threading
from contextlib import contextmanager

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from knowledge import notices
from knowledge.breakers import Breaker

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.1
BREAK_SECONDS = 2

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
# that nobody gets twice the limit around a window's edge. A refused call is not counted. The last of what comes back is
# whether counting worked: it does not where memory is full, on a replica, or on garbage.
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
local counted = 1
if #over == 0 then
  for i = 0, limits - 1 do
    if type(redis.pcall('INCR', KEYS[3 + facts + 2 * i])) == 'table' then counted = 0 end
    redis.pcall('EXPIRE', KEYS[3 + facts + 2 * i], math.ceil(tonumber(ARGV[5 + 3 * i]) * 2))
  end
end
local found = {}
for i = 1, facts do found[i] = get(KEYS[2 + i]) end
local version, payload = get(KEYS[1]), false
if redis.call('EXISTS', KEYS[2]) == 1 then version = false end
if version and string.match(version, '^%d+$') then payload = get(ARGV[1] .. version .. ARGV[2]) end
return {over, tostring(retry), version, payload, found, counted}
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
# KEYS: version. ARGV: the version that was settled too late. Another one, announced meanwhile, must stay: without it
# somebody else who is late could settle an old one after all.
UNSETTLE = (
    GET
    + """
if get(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""
)

SCRIPTS = {"recall": RECALL, "keep": KEEP, "mark": MARK, "announce": ANNOUNCE, "settle": SETTLE, "unsettle": UNSETTLE}
SUMS = {name: hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest() for name, script in SCRIPTS.items()}


class _Connection:
    """Our own client without retries, and beside its pool one line per thread for the scripts.

    A call through the pool costs twice as much as its trip: locks, looking whether the line is still good, retries that
    we do not want. Whether a line is still good is seen by using it: one that the server closed is opened again, once.
    """

    def __init__(self):
        self.lock, self.client, self.address, self.lines = threading.Lock(), None, None, threading.local()

    def __call__(self):
        if self.address != settings.REDIS_URL:
            with self.lock:
                if self.address != settings.REDIS_URL:
                    self._open(settings.REDIS_URL)
        return self

    def _open(self, address):
        self.client = redis.Redis.from_url(
            address,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            driver_info=None,  # saying who we are would cost two trips
        )
        self.lines, self.address = threading.local(), address
        breaker.reset()

    def run(self, script, keys, args):
        """What one of SCRIPTS gives."""
        line = self._line()
        used_before = line.is_connected
        words = ("EVALSHA", SUMS[script], len(keys), *keys, *args)
        try:
            return _ask(line, words)
        except redis.exceptions.NoScriptError:
            return _ask(line, ("EVAL", SCRIPTS[script], len(keys), *keys, *args))
        except (redis.ConnectionError, OSError) as problem:
            if not used_before or isinstance(problem, redis.exceptions.BusyLoadingError):
                raise
            return self.run(script, keys, args)

    def _line(self):
        """This thread's own. A child process must not talk on its parent's."""
        line = getattr(self.lines, "line", None)
        if line is None or line.pid != os.getpid():
            pool = self.client.connection_pool
            line = self.lines.line = pool.connection_class(**pool.connection_kwargs)
        return line


def _ask(line, words):
    line.send_command(*words, check_health=False)
    return line.read_response()


breaker = Breaker("Redis", BREAK_SECONDS)
_connection = _Connection()


def reset():
    """Try Redis again at once, as at the start of a process."""
    breaker.reset()


@contextmanager
def make(what):
    """The connection, or None while the breaker is open; a fault of Redis opens it and ends the block. So does a refusal,
    as when its memory is full, but it leaves the breaker alone: what can answer is alive, and quick."""
    connection = _connection()
    if not breaker.admits():
        yield None
        return
    try:
        yield connection
        breaker.worked()
    except redis.ResponseError as refusal:
        breaker.worked()
        notices.warn(logger, f"{what} {type(refusal).__name__}", "Redis refuses %s: %s", what, type(refusal).__name__)
    except (redis.RedisError, OSError, ValueError, TypeError) as problem:
        breaker.failed(f"{type(problem).__name__} at {what}")
