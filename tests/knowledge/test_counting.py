"""Limits of one process: the same answers as Redis gives, in bounded memory."""

import time

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import caching, counting
from knowledge.counting import Windows

PERSONA = "00000000-0000-0000-0000-000000000000"


def passed(windows, times, most=10):
    return sum(windows.count([("n", most, 60)], at)[0] == () for at in times)


def test_what_is_over_the_limit_is_refused_with_the_time_to_wait():
    windows = Windows()
    assert passed(windows, [600.0] * 15) == 10
    over, wait = windows.count([("n", 10, 60)], 600.0)
    assert over == ("n",)
    assert 0 < wait <= 120


def test_around_the_edge_of_a_window_nobody_gets_twice_the_limit():
    assert passed(Windows(), [659.0] * 20 + [661.0] * 20) <= 12


def test_two_windows_later_the_whole_limit_is_there_again():
    windows = Windows()
    passed(windows, [600.0] * 15)
    assert passed(windows, [720.0] * 15) == 10


def test_a_call_refused_by_one_limit_does_not_count_for_the_other():
    windows = Windows()
    for _ in range(5):
        windows.count([("tight", 1, 60), ("wide", 2, 60)], 600.0)
    assert windows.count([("wide", 2, 60)], 600.0)[0] == ()


def test_memory_is_bounded():
    windows = Windows(room=100)
    for number in range(10_000):
        windows.count([(f"n{number}", 10, 60)], 600.0)
    assert len(windows._counts) == 100


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 20)), max_size=60), st.integers(1, 5))
def test_it_refuses_what_redis_refuses(monkeypatch, _empty_valkey, calls, most):
    at, name = 6_000_000.0, f"{time.monotonic_ns()}"
    windows = Windows()
    monkeypatch.setattr(counting, "here", Windows())
    for letter, pause in calls:
        at += pause
        monkeypatch.setattr(caching.time, "time", lambda now=at: now)
        limits = [(f"{letter}{name}", most, 20)]
        theirs = caching.recall(PERSONA, "", "?", limits=limits)
        assert theirs.counts_over == windows.count(limits, at)[0]


@pytest.mark.parametrize("fault", ["gone", "replica", "full", "garbage"])
def test_while_redis_does_not_count_the_limit_holds_all_the_same(settings, fault, hurt):
    hurt(fault)
    limits = [("calls", 3, 60)]
    assert [caching.recall(PERSONA, "", "?", limits=limits).counts_over for _ in range(5)].count(()) == 3


@pytest.fixture
def hurt(settings, valkey):
    """A Redis that does not count, in one of several ways."""
    with redis.Redis.from_url(settings.REDIS_URL) as raw:

        def hurt(fault):
            if fault == "gone":
                settings.REDIS_URL = "redis://127.0.0.1:9/0"
            elif fault == "replica":
                raw.replicaof("127.0.0.1", 9)
            elif fault == "full":
                raw.config_set("maxmemory", 1)
            else:
                for place in range(int(time.time() // 60) - 1, int(time.time() // 60) + 2):
                    raw.lpush(f"{caching.PREFIX}count:calls:60:{place}", "garbage")

        yield hurt
        raw.replicaof("NO", "ONE")
        raw.config_set("maxmemory", 0)
