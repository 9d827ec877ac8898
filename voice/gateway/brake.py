"""One brake for all workers: how many requests are under way, and until when nobody asks because we were told to wait.

It stands in Redis, where all processes of all hosts see it, by Redis' own clock. While Redis is away each process brakes
for itself, by the same rules.
"""

import random
import threading
import time
import uuid
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _

from knowledge import trips
from voice.gateway.errors import Unreachable

HELD, PLACES, REFUSALS = "elevenlabs:held", "elevenlabs:places", "elevenlabs:refusals"
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds after refusals that named none, doubling from the one to the other

# KEYS: held, places. ARGV: places there are, milliseconds one is kept at most, ours. Gives the milliseconds to wait, 0
# with a place taken, -1 when there is none.
TAKE = """
local left = redis.call('PTTL', KEYS[1])
if left > 0 then return left end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[1]) then return -1 end
redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 0
"""
# KEYS: places, refusals. ARGV: ours, whether all went well.
GIVE_BACK = """
redis.call('ZREM', KEYS[1], ARGV[1])
if ARGV[2] == '1' then redis.call('DEL', KEYS[2]) end
"""
# KEYS: held, refusals. ARGV: milliseconds they asked for or 0, first and longest pause, jitter. Requests that were under
# way together are refused together: that counts once. A pause is never made shorter.
HOLD = """
local left, pause = redis.call('PTTL', KEYS[1]), tonumber(ARGV[1])
if pause == 0 then
  if left > 0 then return left end
  local refusals = redis.call('INCR', KEYS[2])
  redis.call('PEXPIRE', KEYS[2], 300000)
  pause = math.min(ARGV[2] * 2 ^ (refusals - 1), ARGV[3]) * ARGV[4]
end
pause = math.ceil(pause)
if pause > left then redis.call('SET', KEYS[1], 1, 'PX', pause) end
return pause
"""


class _Own:
    """The same for this process alone."""

    def __init__(self):
        self.lock, self.held_until, self.under_way, self.refusals = threading.Lock(), 0.0, 0, 0

    def left(self):
        return max(0.0, self.held_until - time.monotonic())

    def take(self):
        with self.lock:
            if self.under_way >= settings.ELEVENLABS_MAX_UNDER_WAY:
                return False
            self.under_way += 1
            return True

    def give_back(self, well):
        with self.lock:
            self.under_way -= 1
            self.refusals = 0 if well else self.refusals

    def hold(self, pause):
        with self.lock:
            if pause is None:
                if self.left() > 0:
                    return
                self.refusals += 1
                pause = min(FIRST_PAUSE * 2 ** (self.refusals - 1), LONGEST_PAUSE) * _jitter()
            self.held_until = max(self.held_until, time.monotonic() + pause)


_own = _Own()


@contextmanager
def place(seconds):
    """A place among the requests under way, for at most so many seconds. Raises Unreachable, ``held`` and with the time
    left, while we were told to wait, and when no place came free."""
    ours = uuid.uuid4().hex
    _take(ours, seconds)
    well = False
    try:
        yield
        well = True
    except Unreachable as fault:
        if fault.status == 429 or fault.retry_after is not None:
            _hold(fault.retry_after)
        raise
    finally:
        _give_back(ours, well)


def left():
    """Seconds until we may ask again; 0 when we may."""
    with trips.make("the brake") as connection:
        if connection is not None:
            return max(_own.left(), connection.client.pttl(HELD) / 1000, 0)
    return _own.left()


def release():
    """Forget everything, as at the start: for tests."""
    _own.__init__()


def _take(ours, seconds):
    until = time.monotonic() + seconds
    while not _try(ours, seconds):
        if time.monotonic() > until:
            raise Unreachable(_("All lines to ElevenLabs are in use by other work of ours."), 1, held=True)
        time.sleep(random.uniform(0.02, 0.06))


def _try(ours, seconds):
    """Whether a place was taken. Raises Unreachable while we were told to wait."""
    _refuse_if(_own.left())
    if not _own.take():
        return False
    answer = 0
    with trips.make("the brake") as connection:
        if connection is not None:
            limit, kept = settings.ELEVENLABS_MAX_UNDER_WAY, int((seconds + 2) * 1000)
            answer = connection.client.eval(TAKE, 2, HELD, PLACES, limit, kept, ours)
    if answer:
        _own.give_back(well=False)
    _refuse_if(answer / 1000)
    return answer == 0


def _refuse_if(wait):
    if wait > 0:
        raise Unreachable(
            _("ElevenLabs asked us to wait; {wait:.0f} more seconds.").format(wait=wait), max(wait, 0.1), held=True
        )


def _give_back(ours, well):
    _own.give_back(well)
    with trips.make("the brake") as connection:
        if connection is not None:
            connection.client.eval(GIVE_BACK, 2, PLACES, REFUSALS, ours, int(well))


def _hold(asked):
    """``asked`` is their Retry-After in seconds, or None."""
    _own.hold(asked)
    with trips.make("the brake") as connection:
        if connection is not None:
            pauses = [round(value * 1000) for value in (asked or 0, FIRST_PAUSE, LONGEST_PAUSE)]
            connection.client.eval(HOLD, 2, HELD, REFUSALS, *pauses, _jitter())


def _jitter():
    return random.uniform(1.0, 1.5)
