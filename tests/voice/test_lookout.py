"""Pages and reports are looked after while they ask the rows; how it goes when PostgreSQL is frozen, test_fire.py shows."""

import time

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpResponse

from voice import lookout

pytestmark = pytest.mark.django_db


def slow(request):
    """Slow for reasons of its own, and at the rows before and after."""
    before = User.objects.count()
    time.sleep(lookout.PATIENCE_SECONDS + 0.6)
    return HttpResponse(f"{before} {User.objects.count()}")


def test_a_slow_page_is_left_alone_while_the_database_answers(rf, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "postgresql")
    assert lookout.Lookout(slow)(rf.get("/")).content == b"0 0"
    assert not lookout.database.is_open


@pytest.mark.parametrize("path", ["/elevenlabs/function-call", "/elevenlabs/conversation-start", "/healthz", "/"])
def test_while_the_database_hangs_only_what_does_without_it_is_let_in(rf, monkeypatch, path):
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(lookout.database, "admits", lambda: False)
    answer = lookout.Lookout(lambda request: HttpResponse())(rf.get(path))
    assert answer.status_code == (503 if path == "/" else 200)


def test_with_sqlite_nobody_is_looked_after(monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(MiddlewareNotUsed):
        lookout.Lookout(slow)
