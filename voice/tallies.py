"""How often something happened within the last hour or two: counted in Redis by the hour, for those who watch. Best
effort: without Redis nothing is counted and nothing fails."""

import time

from django.core.cache import cache
from redis.exceptions import RedisError

HOUR = 3600


def count(name):
    """One more."""
    key = _key(name, _hour())
    try:
        cache.add(key, 0, 3 * HOUR)
        cache.incr(key)
    except (RedisError, ValueError):  # ValueError: the key went between the two
        return


def lately(name):
    """How many in this hour and the one before; 0 when it cannot be known."""
    try:
        counted = cache.get_many([_key(name, _hour()), _key(name, _hour() - 1)])
    except RedisError:
        return 0
    return sum(counted.values())


def _hour():
    return int(time.time()) // HOUR


def _key(name, hour):
    return f"tally:{name}:{hour}"
