"""Whether every part lives, told in full to who may see alerts or has the token, and in a word to others."""

import time

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from knowledge import embeddings
from personas.models import Remit
from tests import workers
from tests.conftest import ROOT
from voice import labour
from voice.agents import account
from voice.models import Alert, Workspace

pytestmark = pytest.mark.django_db
PARTS = {"database", "redis", "worker", "beat", "vectors", "elevenlabs", "agents", "lines", "alerts"}


WATCHING = (ROOT / "docs/OPERATIONS.md").read_text().partition("## Watching it")[2].partition("\n## ")[0]


def parts(client):
    return client.get("/readyz").json()["parts"]


def keep(**account_kept):
    kept = {"at": timezone.now().isoformat(), "resets_at": None, "findings": [], "key": account._mark()}
    Workspace.objects.update_or_create(pk=1, defaults={"account": kept | account_kept})


def test_a_stranger_hears_how_each_part_is_and_nothing_else_of_it(client):
    found = parts(client)
    assert found.keys() == PARTS
    assert {word for part in found.values() for word in part} == {"ok", "says"}
    assert {part["says"] for part in found.values()} <= {"well", "not well"}
    assert client.get("/readyz", headers={"Authorization": "Bearer "}).json()["parts"] == found


@pytest.mark.parametrize(
    ("group", "limited", "hears"),
    [("Operators", False, True), ("Operators", True, False), ("Analysts", False, False), (None, False, False)],
)
def test_staff_hear_what_is_wrong_if_they_may_see_alerts_of_all(group, limited, hears, client, persona):
    Alert.objects.create(kind="rollout", about="Zebra keeper", words="x")
    anna = User.objects.create_user("anna", is_staff=True)
    anna.groups.set(Group.objects.filter(name=group))
    if limited:
        Remit.objects.create(user=anna).personas.add(persona)
    client.force_login(anna)
    assert ("Zebra keeper" in parts(client)["alerts"]["says"]) is hears
    assert {part["says"] for part in parts(client).values()} <= {"well", "not well"} or hears


def test_who_may_see_alerts_and_is_not_of_staff_hears_no_more_than_a_stranger(client):
    anna = User.objects.create_user("anna")
    anna.groups.add(Group.objects.get(name="Operators"))
    client.force_login(anna)
    assert parts(client)["database"]["says"] == "well"


def test_who_has_the_token_hears_all(client, settings):
    settings.METRICS_TOKEN = "token-of-the-tests"
    found = client.get("/readyz", headers={"Authorization": "Bearer token-of-the-tests"}).json()["parts"]
    assert found["database"]["says"] == connection.vendor


def test_a_database_that_says_no_makes_it_503_and_nothing_else_is_asked_of_it(client, monkeypatch):
    def say_no():
        raise OperationalError("no")

    monkeypatch.setattr(connection, "cursor", say_no)
    monkeypatch.setattr(account, "known_now", lambda: pytest.fail("asked all the same"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()["parts"]["agents"]["ok"] is False


def test_with_redis_frozen_it_answers_soon_and_stays_ready(staff, valkey):
    began = time.monotonic()
    with valkey.frozen():
        answer = staff.get("/readyz")
    found = answer.json()["parts"]
    assert answer.status_code == 200
    assert [found[name]["ok"] for name in ("database", "redis", "worker", "beat")] == [True, False, False, False]
    assert time.monotonic() - began < 10


def test_a_worker_and_beat_are_told_apart_by_their_last_signs(staff):
    cache.set(labour.WORKER, time.time() - 5)
    cache.set(labour.BEAT, time.time() - 600)
    found = parts(staff)
    assert (found["worker"]["ok"], found["beat"]["ok"]) == (True, False)
    assert 599 < found["beat"]["age_seconds"] < 700


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_is_heard_of(staff, tmp_path):
    with workers.running(tmp_path / "log"):
        deadline = time.monotonic() + 60
        while not parts(staff)["worker"]["ok"] and time.monotonic() < deadline:
            time.sleep(0.2)
        assert parts(staff)["worker"]["ok"], (tmp_path / "log").read_text()


def test_the_key_is_as_it_was_found_last_and_says_when_that_was(staff):
    assert parts(staff)["elevenlabs"]["ok"] is False
    keep(at="2026-01-01T00:00:00+00:00")
    found = parts(staff)["elevenlabs"]
    assert (found["ok"], found["says"]) == (True, "the key may do all that is needed")
    assert found["age_seconds"] > 86_400


def test_a_key_that_may_not_do_everything_is_named_with_what_it_lacks(staff):
    keep(findings=[{"title": "open calls", "state": "may not", "says": ""}])
    assert parts(staff)["elevenlabs"]["says"] == "the key lacks: open calls"
    keep(problem="ElevenLabs does not know this key.")
    assert parts(staff)["elevenlabs"]["says"] == "ElevenLabs does not know this key."


def test_an_embedding_engine_that_is_left_alone_is_not_well(staff):
    breaker = embeddings.configured().breaker
    breaker.failed("late")
    try:
        assert parts(staff)["vectors"] == {"ok": False, "says": "words only: late", "passages_without": 0}
    finally:
        breaker.reset()


def test_whoever_keeps_it_alive_is_told_what_every_part_and_every_alert_means():
    told = {name for name in (*PARTS, *Alert.Kind.values) if f"| `{name}` |" in WATCHING or f"(`{name}`) |" in WATCHING}
    assert told == {*PARTS, *Alert.Kind.values}
