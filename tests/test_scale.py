"""The simulation of many calls: its queues against closed forms, nothing lost, the same twice."""

import math

import numpy as np
import pytest

from benchmarks.scale import calls, queues, sizes

PRICES = {kind: {"web": 5.0, "worker": 2.0, "PostgreSQL": 1.0, "Valkey": 0.1} for kind in calls.A_CALL}  # milliseconds


def poisson(rate, seconds, service, seed=3):
    """Arrivals at one station, served for an exponential time."""
    random = np.random.default_rng(seed)
    at = np.sort(random.random(random.poisson(rate * seconds)) * seconds)
    return [
        (float(when), "one", [("hold", "desk", 0.0), ("wait", "desk", float(took)), ("free", "desk", 0.0)])
        for when, took in zip(at, random.exponential(service, len(at)), strict=True)
    ]


def erlang_c(servers, load):
    """The mean wait of M/M/c in units of the mean service time (Erlang 1917)."""
    share = load / servers
    last = load**servers / math.factorial(servers) / (1 - share)
    waits = last / (sum(load**k / math.factorial(k) for k in range(servers)) + last)
    return waits / (servers - load)


@pytest.mark.parametrize(("servers", "share"), [(1, 0.5), (1, 0.8), (2, 0.7), (8, 0.8)])
def test_the_mean_wait_is_that_of_the_closed_form(servers, share):
    rate = servers * share
    told = queues.simulate({"desk": servers}, poisson(rate, 60_000 / rate, 1.0), 60_000 / rate)
    mean = sum(told.waits["one"]) / len(told.waits["one"])
    assert mean == pytest.approx(1 + erlang_c(servers, rate), rel=0.08)
    assert told.shares["desk"] == pytest.approx(share, rel=0.03)


def test_whoever_comes_goes_or_is_inside_and_littles_law_holds():
    told = queues.simulate({"desk": 1}, poisson(1.2, 5_000, 1.0), 5_000)
    assert told.came == told.went + told.inside
    assert told.inside > 500  # more come than are served
    assert told.shares["desk"] == pytest.approx(1, abs=0.01)


def test_the_first_to_come_is_the_first_served():
    steps = [("hold", "desk", 0.0), ("wait", "desk", 2.0), ("free", "desk", 0.0)]
    told = queues.simulate({"desk": 1}, [(0.0, "a", steps), (1.0, "b", steps), (1.5, "c", steps)], 10)
    assert told.waits == {"a": [2.0], "b": [3.0], "c": [4.5]}
    assert told.longest["desk"] == 2


def test_a_long_piece_of_work_lets_a_short_one_in_between():
    arrivals = [(0.0, "long", queues.work("core", 1.0)), (0.1, "short", queues.work("core", 0.001))]
    assert queues.simulate({"core": 1}, arrivals, 10).percentile("short", 0.5) < 0.02


def simulate(layout, count, seed=7):
    come = calls.arrivals(PRICES, layout, calls.rates(count), 20, seed)
    return queues.simulate(calls.stations(layout), come, 20)


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    layout = calls.Layout()
    assert simulate(layout, 60) == simulate(layout, 60)
    assert simulate(layout, 60) != simulate(layout, 60, seed=8)


@pytest.mark.parametrize("layout", [calls.Layout(), calls.Layout(web_machines=3, store_cores=4, worker_machines=1)])
def test_the_processors_are_as_busy_as_the_prices_say(layout):
    told = simulate(layout, 150)
    per_second = calls.rates(150)
    owed = sum(rate * sum(PRICES[kind].values()) / 1000 for kind, rate in per_second.items())
    owed -= sum(
        rate * 0.002 for kind, rate in per_second.items() if kind != "report of 20 turns"
    )  # only a report has a reader
    at = [name for name in told.shares if "cores" in name or (layout.machines > 1 and "Redis" in name)]
    given = sum(told.shares[name] * calls.stations(layout)[name] for name in at)
    assert given == pytest.approx(owed, rel=0.06)


def test_more_machines_answer_sooner():
    one, three = (simulate(calls.Layout(web_machines=count, store_cores=4), 250) for count in (1, 3))
    assert three.percentile("tool call, new question", 0.95) < one.percentile("tool call, new question", 0.95)


def test_starts_wait_for_the_one_lock_and_tool_calls_do_not():
    short, long = (simulate(calls.Layout(cores=8, threads=8, counting=more), 250) for more in (0.0, 1.0))
    assert long.percentile("start of a call", 0.95) > 2 > 10 * short.percentile("start of a call", 0.95)
    assert long.percentile("tool call, new question", 0.95) < 0.1
    assert long.shares["line lock 0"] > 0.9


def test_what_the_lock_counts_lies_on_the_line_between_two_measured_numbers():
    counted = {100: 10.0, 1_000: 20.0, 10_000: 40.0}
    assert [sizes._counting(counted, count) for count in (50, 550, 1_000, 5_500, 90_000)] == [
        0.0,
        0.005,
        0.01,
        0.02,
        0.03,
    ]


def test_what_is_asked_of_each_program_is_the_sum_of_the_pieces():
    rates = calls.rates(1_000)
    assert rates["start of a call"] == pytest.approx(1_000 / calls.CALL_SECONDS)
    units = {kind: price | {"statements": 2, "commands": 3, "wal": 4, "rows": 1} for kind, price in PRICES.items()}
    told = "\n".join(sizes._demand(units, {"voice_turn": 1024}, {100: 10.0, 1_000: 10.0}, 1_000))
    assert f"web {sum(rates.values()) * 0.005:.2f}" in told and f"{sum(rates.values()) * 2:,.0f} statements" in told
    assert f"a call keeps {2 * calls.CALL_SECONDS / 20:.0f} KB" in told
