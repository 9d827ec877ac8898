"""How long tasks wait for a worker: each is stamped when it is handed over, and the oldest one waiting is looked at."""

import json
import time

import redis
from celery.signals import before_task_publish
from django.conf import settings

QUEUE = "celery"
SECONDS = 2  # for Redis to answer
STAMP = "handed_over_at"


@before_task_publish.connect
def stamp(headers=None, **_):
    """Unix seconds in the message's own headers, where `age` finds them without touching its body."""
    if headers is not None:
        headers[STAMP] = time.time()


def age():
    """Seconds that the oldest waiting task has been waiting; 0 when none is. Raises redis.RedisError."""
    with redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    ) as broker:
        oldest = broker.lindex(QUEUE, -1)  # they come in on the left
    if oldest is None:
        return 0
    handed_over = json.loads(oldest).get("headers", {}).get(STAMP)
    return max(0, time.time() - handed_over) if handed_over else 0
