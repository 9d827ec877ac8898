"""What a tool call costs in queries, trips and searches: the structure on which its speed rests."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.db.backends.signals import connection_created

from knowledge.embeddings import local
from tests.voice.test_tools import _database, ask, body, call  # noqa: F401  (fixtures)
from voice import journal, tokens

FARE = "How much is a return ticket?"


@pytest.fixture
def asked_of_the_database():
    """The SQL that threads of tool calls send from now on."""
    seen = []

    def note(execute, sql, *rest):
        if threading.current_thread().name == "tool-call":
            seen.append(sql)
        return execute(sql, *rest)

    def watch(connection, **_):
        if note not in connection.execute_wrappers:  # a connection opened again keeps them
            connection.execute_wrappers.append(note)

    connection_created.connect(watch)
    yield seen
    connection_created.disconnect(watch)


@pytest.fixture
def raw(settings):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.config_resetstat()
        yield client


def count(raw, command):
    return raw.info("commandstats").get(f"cmdstat_{command}", {}).get("calls", 0)


def test_a_new_question_costs_one_query_and_two_trips(call, raw, asked_of_the_database):  # noqa: F811
    ask(body(call))
    assert journal.flush()
    asked_of_the_database.clear()
    before = count(raw, "evalsha")
    assert "twelve crowns" in ask(body(call, FARE)).json()["result"]["content"]
    assert count(raw, "evalsha") - before == 2  # what is kept, and the answer to keep
    assert len(asked_of_the_database) == 1


def test_a_kept_answer_costs_one_trip(call, raw):  # noqa: F811
    ask(body(call))
    before = count(raw, "evalsha")
    assert ask(body(call)).json()["success"]
    assert count(raw, "evalsha") - before == 1


def test_thirty_who_ask_the_same_at_once_cost_one_search_and_one_entry(call, raw, settings, monkeypatch):  # noqa: F811
    settings.TOOL_CALLS_PER_CONVERSATION, settings.TOOL_BUDGET_MS = 100, 20_000  # the machine may be busy
    embedded, embed = [], local._embed_one
    monkeypatch.setattr(local, "_embed_one", lambda question: embedded.append(1) or embed(question))
    ask(body(call))
    with ThreadPoolExecutor(30) as callers:
        replies = list(callers.map(lambda _: ask(body(call, FARE)).json(), range(30)))
    assert all("twelve crowns" in reply["result"]["content"] for reply in replies)
    assert len(embedded) == 2
    assert count(raw, "sadd") == 2  # one entry for each of the two questions


@pytest.mark.parametrize("claimed", ["203.0.113.{}", "203.0.113.{}, 10.0.0.1", "[2001:db8::{}]:443", "garbage {}"])
def test_the_limit_is_the_conversations_whatever_address_a_caller_claims(call, claimed):  # noqa: F811
    answers = [ask(body(call), **{"X-Forwarded-For": claimed.format(number)}) for number in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2


def test_a_database_that_hangs_collects_no_threads(call, monkeypatch):  # noqa: F811
    release = threading.Event()
    monkeypatch.setattr(tokens, "_write", lambda _: release.wait(20))
    monkeypatch.setattr(tokens, "EVERY_SECONDS", 0)
    monkeypatch.setattr(tokens, "_writing", [])
    for _ in range(5):
        assert ask(body(call)).status_code == 200
    assert [thread.name for thread in threading.enumerate()].count("token-use") == 1
    release.set()
