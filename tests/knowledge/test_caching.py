import time

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from knowledge import caching, trips
from knowledge.models import Library

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(persona):
    """A persona whose knowledge version stands in Redis."""
    Library.objects.moved(persona.pk)
    caching.settle(persona.pk)
    return persona


@pytest.fixture
def raw(settings):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


def keep(persona, question="When?", payload=b"answer"):
    version = Library.objects.get(pk=persona.pk).version
    caching.keep(persona.pk, version, "", question, payload)


def payload(persona, question="When?", language=""):
    return caching.recall(persona.pk, language, question).payload


def test_what_was_kept_is_recalled_with_its_version(known):
    keep(known)
    recall = caching.recall(known.pk, "", "When?")
    assert (recall.payload, recall.version, recall.available) == (b"answer", Library.objects.get().version, True)


def test_a_question_put_a_little_differently_is_the_same_question(known):
    keep(known, "When does it open?")
    assert payload(known, "  when DOES  it open ??") == b"answer"


def test_another_question_language_or_persona_is_another_answer(known, other):
    keep(known)
    assert payload(known, "Where?") is None
    assert payload(known, language="de") is None
    Library.objects.moved(other.pk)
    caching.settle(other.pk)
    assert payload(other) is None


def test_an_answer_of_another_version_is_not_kept(known):
    caching.keep(known.pk, Library.objects.get().version + 1, "", "When?", b"old")
    assert payload(known) is None


def test_while_the_knowledge_changes_nothing_is_read_or_kept(known):
    keep(known)
    with caching.changing(known.pk):
        assert payload(known) is None
        keep(known, "Where?")
        caching.settle(known.pk)
        assert caching.recall(known.pk, "", "Where?").version is None
    assert payload(known, "Where?") is None


def test_after_a_change_the_new_version_is_live_and_old_answers_are_gone(known, raw):
    keep(known)
    with caching.changing(known.pk):
        Library.objects.moved(known.pk)
    assert caching.recall(known.pk, "", "When?").version == Library.objects.get().version
    assert payload(known) is None
    assert raw.keys("*answers:*") == []


def test_of_two_changes_at_once_the_first_to_end_opens_nothing(known):
    caching.mark_changing(known.pk)
    with caching.changing(known.pk):
        Library.objects.moved(known.pk)
    assert caching.recall(known.pk, "", "When?").version is None
    caching.announce(known.pk)
    assert caching.recall(known.pk, "", "When?").version == Library.objects.get().version


def test_a_version_never_goes_back(known, monkeypatch):
    late = Library.objects.get().version
    Library.objects.moved(known.pk)
    caching.announce(known.pk)
    monkeypatch.setattr(caching, "_read_version", lambda _: late)
    caching.announce(known.pk)
    assert caching.recall(known.pk, "", "When?").version == late + 1


def test_whoever_settles_too_late_leaves_the_version_announced_meanwhile(known, monkeypatch, raw):
    live = Library.objects.get().version + 1
    Library.objects.moved(known.pk)
    caching.announce(known.pk)
    seen = iter([live - 1, live])  # read before the change, and again after it
    monkeypatch.setattr(caching, "_read_version", lambda _: next(seen))
    caching.settle(known.pk)
    assert raw.get(f"{caching.PREFIX}version:{known.pk}") == str(live).encode()


def test_an_announcement_that_was_lost_leaves_no_stale_answer(known, raw):
    keep(known)
    caching.mark_changing(known.pk)
    Library.objects.moved(known.pk)
    raw.delete(f"{caching.PREFIX}changing:{known.pk}")  # as when the marker's time is over
    assert payload(known) is None
    caching.settle(known.pk)
    assert caching.recall(known.pk, "", "When?").version == Library.objects.get().version


def test_an_answer_goes_by_itself(known, raw, settings):
    settings.ANSWER_CACHE_SECONDS = 300
    keep(known)
    key = next(key for key in raw.keys("*answers:*") if raw.type(key) == b"string")
    assert 0 < raw.ttl(key) <= 300


def test_no_key_but_the_version_stays_for_ever(known, raw):
    keep(known)
    caching.recall(known.pk, "", "When?", limits=[("x", 5, 60)])
    caching.remember("fact", b"1", 10)
    caching.mark_changing(known.pk)
    assert [key for key in raw.keys("*") if raw.ttl(key) == -1 and b":version:" not in key] == []


def test_a_limit_counts_and_names_itself_when_it_is_passed(known):
    limits = [("calls", 3, 60)]
    passed = [caching.recall(known.pk, "", "When?", limits=limits).counts_over for _ in range(4)]
    assert passed == [(), (), (), ("calls",)]
    assert 0 < caching.recall(known.pk, "", "When?", limits=limits).retry_after <= 120


def test_a_call_refused_by_one_limit_does_not_count_for_the_other(known):
    tight, wide = ("tight", 1, 60), ("wide", 2, 60)
    caching.recall(known.pk, "", "When?", limits=[tight, wide])
    for _ in range(5):
        assert caching.recall(known.pk, "", "When?", limits=[tight, wide]).counts_over == ("tight",)
    assert caching.recall(known.pk, "", "When?", limits=[wide]).counts_over == ()


def test_around_the_edge_of_a_window_nobody_gets_twice_the_limit(known, monkeypatch):
    edge = (time.time() // 60 + 1) * 60
    monkeypatch.setattr(caching.time, "time", lambda: edge - 1)
    before = [caching.recall(known.pk, "", "?", limits=[("n", 10, 60)]).counts_over for _ in range(12)]
    monkeypatch.setattr(caching.time, "time", lambda: edge + 1)
    after = [caching.recall(known.pk, "", "?", limits=[("n", 10, 60)]).counts_over for _ in range(12)]
    assert (before + after).count(()) <= 12


def test_plain_facts_come_with_the_same_trip(known):
    caching.remember("live", b"yes", 60)
    assert caching.recall(known.pk, "", "?", facts=["live", "gone"]).facts == {"live": b"yes", "gone": None}
    assert caching.recall_fact("live") == b"yes"
    caching.forget("live")
    assert caching.recall_fact("live") is None


def test_a_recall_is_one_command(known, raw):
    caching.recall(known.pk, "", "When?", limits=[("a", 9, 60), ("b", 9, 60)], facts=["c"])
    before = raw.info("stats")["total_commands_processed"], raw.info("commandstats")["cmdstat_evalsha"]["calls"]
    caching.recall(known.pk, "", "When?", limits=[("a", 9, 60), ("b", 9, 60)], facts=["c"])
    assert raw.info("commandstats")["cmdstat_evalsha"]["calls"] == before[1] + 1


@pytest.mark.parametrize("what", ["answers", "version", "count", "fact"])
def test_a_key_of_another_kind_is_as_good_as_none(known, raw, what):
    keep(known)
    caching.remember("fact", b"1", 60)
    caching.recall(known.pk, "", "When?", limits=[("a", 9, 60)])
    for key in raw.keys(f"*{what}:*"):
        raw.delete(key)
        raw.lpush(key, "garbage")
    recall = caching.recall(known.pk, "", "When?", limits=[("a", 9, 60)], facts=["fact"])
    assert recall.available
    assert recall.counts_over == ()


def test_without_redis_everything_is_simply_not_there(known, settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    recall = caching.recall(known.pk, "", "When?", limits=[("a", 1, 60)], facts=["b"])
    assert recall == caching.Recall(facts={"b": None})
    keep(known)
    caching.remember("b", b"1", 5)
    caching.announce(known.pk)
    assert caching.recall_fact("b") is None


def test_a_frozen_redis_costs_a_tenth_of_a_second_once_and_then_nothing(known, valkey):
    times = []
    with valkey.frozen():
        for _ in range(20):
            started = time.monotonic()
            assert not caching.recall(known.pk, "", "When?").available
            times.append(time.monotonic() - started)
    assert times[0] < 0.5
    assert max(times[1:]) < 0.05


def test_a_change_that_a_frozen_redis_did_not_hear_of_is_told_when_it_is_back(known, valkey):
    keep(known)
    with valkey.frozen():
        assert not caching.recall(known.pk, "", "When?").available  # so that it is not even sent what follows
        with caching.changing(known.pk):
            Library.objects.moved(known.pk)
    until = time.monotonic() + 20
    while payload(known) is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert payload(known) is None
    while caching._owed and time.monotonic() < until:
        time.sleep(0.05)
    assert caching.recall(known.pk, "", "When?").version in (None, Library.objects.get().version)


def test_redis_is_tried_again_after_a_pause(known, settings, monkeypatch):
    address = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert not caching.recall(known.pk, "", "When?").available
    monkeypatch.setattr(trips.breaker, "_until", time.monotonic() - 1)
    settings.REDIS_URL = address
    assert caching.recall(known.pk, "", "When?").available


@given(st.text(max_size=200))
def test_any_question_has_a_normal_form_that_is_its_own(question):
    once = caching.normalise(question)
    assert caching.normalise(once) == once
