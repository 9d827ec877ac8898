"""While the other side is slow or hangs, no transaction and no row lock of ours is open."""

import threading
import time

import pytest
from django.db import connection

from voice import agents, gateway
from voice.models import Agent

pytestmark = pytest.mark.django_db(transaction=True)
IDLE = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
HANGS = [("GET", "/v1/convai/agents"), ("POST", "/v1/convai/tools"), ("POST", "/v1/convai/secrets")]


def count_open_transactions():
    """Of other connections; SQLite has none to count, and its only lock is shown by writing."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(IDLE)
        return cursor.fetchone()[0]


def sync(agent):
    try:
        agents.sync(Agent.objects.get(pk=agent.pk))
    except gateway.Unreachable:
        return
    finally:
        connection.close()


@pytest.mark.parametrize(("method", "path"), HANGS, ids=[path for _, path in HANGS])
def test_during_a_hang_nothing_is_held(standin, persona, method, path):
    agent = persona.agent
    standin.fail("hang", path, method=method, seconds=20, times=1)
    worker = threading.Thread(target=sync, args=[agent])
    worker.start()
    until = time.monotonic() + 30
    while not standin.requests(method, path) and time.monotonic() < until:
        time.sleep(0.02)
    assert count_open_transactions() == 0
    began = time.monotonic()
    assert Agent.objects.filter(pk=agent.pk).update(problem="Written meanwhile.") == 1
    persona.tagline = "Edited meanwhile"
    persona.save()
    written = time.monotonic() - began
    assert worker.is_alive() or written < 2  # nobody waited for the hang to end
    worker.join(30)
    assert count_open_transactions() == 0
