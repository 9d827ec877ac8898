"""Standing in line while all lines are taken: who came first talks first.

A place belongs to a visitor and a persona, lasts as long as a page of theirs asks for it, and stands in Redis, by Redis' own
clock. A free line belongs to whoever stands first: told of it, they have VOICE_TURN_SECONDS to take it; not told yet, it
waits for their next question. Somebody new goes straight through only when there are more free lines than people in line.

Redis may lose all this at any moment. Then everybody's ticket, which is signed, brings their place back. While Redis is
away there is no line: a call begins where a line is free, and whoever finds none is told so.
"""

import logging
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from knowledge import trips

logger = logging.getLogger(__name__)

PREFIX = "clone-advisor:queue:"
# order: place → when it was taken, in microseconds; until: place → how long it is kept; turns: place → when its line goes to
# the next; entering: calls begun a moment ago; age: which life of Redis this is; most: lines there are, when ElevenLabs has
# just refused one that we took for free.
KEYS = [PREFIX + name for name in ("order", "until", "turns", "entering", "age", "most")]
ENTERING = 2_000  # milliseconds for which whoever counted lines before a call began may not have seen it
REFUSED = 15_000  # milliseconds until somebody tries again whether ElevenLabs has a line

# ARGV of every script: lines there are, lines in use, place.
BEGIN = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function drop(place)
  for i = 1, 3 do redis.call('ZREM', KEYS[i], place) end
end
for i = 2, 3 do
  for _, late in ipairs(redis.call('ZRANGEBYSCORE', KEYS[i], '-inf', now)) do drop(late) end
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
local most = tonumber(redis.call('GET', KEYS[6]) or ARGV[1])
local free, place = math.min(most, ARGV[1]) - ARGV[2], ARGV[3]
"""
# ARGV: …, milliseconds the place is kept, milliseconds a line is, when the place was taken, in which life of Redis, whether it
# may be taken now, a name for a new life. A ticket of this very life brings nothing back: its place was left or ran out. A turn that was announced holds as long as there is a line; a new one waits until
# calls that are just beginning have been counted.
ASK = (
    BEGIN
    + """
local age = redis.call('GET', KEYS[5])
if not age then
  age = ARGV[9]
  redis.call('SET', KEYS[5], age)
end
if not redis.call('ZSCORE', KEYS[1], place) then
  local since = ARGV[6]
  if ARGV[8] == '1' then
    if since == '' or ARGV[7] == age then since = time[1] .. string.format('%06d', time[2]) end
  elseif since == '' or ARGV[7] == age then
    return {0}
  end
  redis.call('ZADD', KEYS[1], since, place)
end
local until_ = math.max(now + ARGV[4], tonumber(redis.call('ZSCORE', KEYS[2], place) or 0))
redis.call('ZADD', KEYS[2], until_, place)
local ahead, turn = redis.call('ZRANK', KEYS[1], place), redis.call('ZSCORE', KEYS[3], place)
if turn and ahead >= free then
  redis.call('ZREM', KEYS[3], place)
  turn = false
elseif not turn and ahead < free - redis.call('ZCARD', KEYS[4]) then
  turn = now + ARGV[5]
  redis.call('ZADD', KEYS[3], turn, place)
end
local left = turn and string.format('%.0f', turn - now) or ''
return {ahead + 1, left, string.format('%.0f', redis.call('ZSCORE', KEYS[1], place)), age}
"""
)
# ARGV: …, milliseconds until every count has seen the call. Gives whether it may begin, and since when it waited.
ENTER = (
    BEGIN
    + """
local since = redis.call('ZSCORE', KEYS[1], place)
local ahead = since and redis.call('ZRANK', KEYS[1], place) or redis.call('ZCARD', KEYS[1])
if ahead >= free then return {0, ''} end
drop(place)
redis.call('ZADD', KEYS[4], now + ARGV[4], place)
return {1, since and string.format('%.0f', since) or ''}
"""
)
# ARGV: …, milliseconds the place is kept, since when it was waited.
GIVE_BACK = (
    BEGIN
    + """
redis.call('ZREM', KEYS[4], place)
if ARGV[5] == '' then return end
redis.call('ZADD', KEYS[1], ARGV[5], place)
redis.call('ZADD', KEYS[2], now + ARGV[4], place)
"""
)
# ARGV: …, milliseconds the place is still kept, should another page of theirs ask for it.
LEAVE = (
    BEGIN
    + """
if ARGV[4] == '0' then drop(place)
elseif redis.call('ZSCORE', KEYS[2], place) then redis.call('ZADD', KEYS[2], now + ARGV[4], place) end
"""
)
LENGTH = BEGIN + "return redis.call('ZCARD', KEYS[1])"
SHUT = BEGIN + "redis.call('SET', KEYS[6], ARGV[2], 'PX', ARGV[4])"
SALT = "place in line"


class Away(Exception):
    """Redis does not answer: there is no line to stand in just now."""


class Gone(Exception):
    """The place is not there any more: left, run out, or its turn was taken on another page."""


@dataclass(frozen=True, slots=True)
class Place:
    """``number`` 1 is next. ``turn``: seconds for which a line is kept, None while there is none. ``ticket`` is to be shown
    when asking again."""

    number: int
    turn: float | None
    ticket: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Whether a call may begin, and since when its caller stood in line (microseconds as text; empty: not at all)."""

    admitted: bool
    since: str = ""


def place_of(visitor, persona_id):
    """What a place is known by."""
    return f"{visitor}:{persona_id}"


def ask(place, taken, seconds, *, ticket="", joins=False, since=""):
    """The Place, kept for so many seconds from now; taken when it is not there and one ``joins``, from ``since`` on.

    Raises Gone, and Away."""
    told_since, age = (since, "") if since else _read(ticket, place)
    given = [round(seconds * 1000), settings.VOICE_TURN_SECONDS * 1000, told_since, age, int(joins)]
    found = _run(ASK, place, taken, *given, uuid.uuid4().hex)
    if found is None:
        raise Away("Redis does not answer.")
    if found[0] == 0:
        raise Gone(_("This place in line is not there any more."))
    number, left, since, age = found
    signed = signing.dumps([place, since.decode(), age.decode()], salt=SALT)
    return Place(number, int(left) / 1000 if left else None, signed)


def enter(place, taken):
    """The Entry of somebody who wants to talk now. To be asked while ``capacity.hold`` lasts, with the lines in use then."""
    found = _run(ENTER, place, taken, ENTERING)
    if found is None:
        return Entry(taken < settings.VOICE_MAX_SESSIONS)
    return Entry(found[0] == 1, found[1].decode())


def give_back(place, entry, seconds=20):
    """The call did not begin after all: whoever stood in line stands where they stood."""
    _run(GIVE_BACK, place, 0, seconds * 1000, entry.since)


def leave(place, seconds=0):
    """Step out of the line; with ``seconds`` only when no other page of theirs asks for the place until then."""
    _run(LEAVE, place, 0, seconds * 1000)


def shut(taken):
    """ElevenLabs took no call beside so many: for a moment there are no more lines than those."""
    _run(SHUT, "", taken, REFUSED)


def length():
    """How many wait; None when it cannot be known."""
    return _run(LENGTH, "", 0)


def _run(script, place, taken, *given):
    with trips.make("the line") as connection:
        if connection is not None:
            return connection.client.eval(script, len(KEYS), *KEYS, settings.VOICE_MAX_SESSIONS, taken, place, *given)
    return None


def _read(ticket, place):
    """(since when, in which life of Redis) a ticket of this very place says; empty for any other."""
    try:
        whose, since, age = signing.loads(ticket, salt=SALT, max_age=3 * 3600)
    except (signing.BadSignature, ValueError):
        return "", ""
    return (since, age) if whose == place else ("", "")
