"""The tool door under fire, as in production: granian, PostgreSQL and Valkey as processes that are frozen, killed and
started again while calls keep coming. Whatever happens, every caller hears the answer or the persona's own line.

All cases and their figures: `python -m benchmarks faults`.
"""

import contextlib
import statistics
import time

import httpx
import pytest

from benchmarks import barrage, faults, site
from tests.knowledge import endpoint

SECONDS, QUIET = 1.2, 0.3


@pytest.fixture(scope="module")
def engine():
    with endpoint.running() as server:
        yield server


@pytest.fixture(scope="module")
def open_(engine):
    """A site of its own with its own stores, two workers and an embeddings endpoint."""
    surroundings = {"EMBEDDING_BASE_URL": engine.address, "EMBEDDING_MODEL": "hashed"}
    with site.running(postgresql=True, wire=True, workers=2, prepare=barrage.PREPARE, **surroundings) as running:
        yield running


@pytest.fixture(autouse=True)
def well(open_):
    """Before each test, all is as it should be: new questions are answered, by each of the workers."""
    assert recovers(open_)


def recovers(open_, seconds=20):
    """Whether ten new questions in a row are answered before the time is up."""
    deadline, answered = time.monotonic() + seconds, 0
    while answered < 10 and time.monotonic() < deadline:
        question = f"{barrage.QUESTION} {time.monotonic_ns():x}"
        answer = httpx.post(
            f"{open_.url}/elevenlabs/function-call",
            json=barrage.body(open_.prepared, question),
            headers={"X-Service-Token": site.TOKEN},
            timeout=20,
        )
        answered = answered + 1 if answer.status_code == 200 and answer.json()["success"] else 0
    return answered == 10


def suffer(open_, fault):
    """The Toll of a fault. Everybody was told something, nobody heard of an error, and all is well again soon."""
    toll = barrage.suffer(open_, fault, SECONDS, QUIET)
    assert [one for one in toll.all if not one.is_told] == []
    assert recovers(open_)
    return toll


@pytest.mark.parametrize("name", ["Redis killed", "Redis frozen", "Redis says it is loading"])
def test_without_redis_every_question_is_answered(open_, name):
    toll = suffer(open_, faults.STORES[name](open_))
    assert all(one.is_answered for one in toll.all)


@pytest.mark.parametrize("name", ["PostgreSQL frozen", "PostgreSQL killed", "a table locked by somebody else"])
def test_without_the_database_what_was_asked_before_is_answered_and_the_rest_hears_the_line_at_once(open_, name):
    toll = suffer(open_, faults.STORES[name](open_))
    assert toll.kept == 1
    lines = [one.milliseconds for one in toll.during if one.new and not one.is_answered]
    assert lines
    assert statistics.median(lines) < barrage.BUDGET_MS / 4  # only the first ones wait


@pytest.mark.parametrize("name", ["embeddings are not numbers", "embeddings take 5 seconds"])
def test_without_vectors_questions_are_answered_by_words(open_, engine, name):
    toll = suffer(open_, faults.changed(engine, **faults.EMBEDDINGS[name]))
    assert all(one.is_answered for one in toll.all)


def test_a_worker_that_is_killed_takes_no_more_than_its_own_calls_with_it(open_):
    toll = barrage.suffer(open_, faults.killed_worker(open_.server), SECONDS, QUIET)
    assert sum(not one.is_told for one in toll.all) <= 2  # threads of a worker
    assert recovers(open_)


def test_faults_are_told_once_and_without_a_word_of_what_was_asked(open_):
    before = open_.log.stat().st_size
    with contextlib.ExitStack() as all_:
        for name in ("Redis frozen", "PostgreSQL frozen"):
            all_.enter_context(faults.STORES[name](open_))
        calls = barrage.suffer(open_, contextlib.nullcontext(), SECONDS, QUIET).all
    assert recovers(open_)
    told = open_.log.read_text()[before:]
    assert "Gull Island" not in told
    assert site.TOKEN not in told
    assert 0 < len(told.splitlines()) < len(calls) / 2
