"""The tool door under fire, as in production: granian, PostgreSQL and Valkey as processes that are frozen, killed and
started again while calls keep coming. Whatever happens, every caller hears the answer or the persona's own line.

All cases and their figures: `python -m benchmarks faults`.
"""

import contextlib
import json
import socket
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


def suffer(open_, fault, seconds=SECONDS):
    """The Toll of a fault. Everybody was told something, nobody heard of an error, and all is well again soon."""
    toll = barrage.suffer(open_, fault, seconds, QUIET)
    assert [one for one in toll.all if not one.is_told] == []
    assert recovers(open_)
    return toll


@pytest.mark.parametrize("name", ["Redis killed", "Redis frozen", "Redis says it is loading"])
def test_without_redis_every_question_is_answered(open_, name):
    toll = suffer(open_, faults.STORES[name](open_))
    assert all(one.is_answered for one in toll.all)


@pytest.mark.parametrize("name", ["PostgreSQL frozen", "PostgreSQL killed", "a table locked by somebody else"])
def test_without_the_database_what_was_asked_before_is_answered_and_the_rest_hears_the_line_at_once(open_, name):
    toll = suffer(open_, faults.STORES[name](open_), seconds=2.2)
    assert toll.kept == 1
    lines = [one.milliseconds for one in toll.during if one.new and not one.is_answered]
    assert statistics.median(lines[len(lines) // 2 :]) < barrage.BUDGET_MS / 4  # only the first ones wait


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


def send(open_, head, body=b"", token=site.TOKEN):
    """What comes back for bytes put on the wire as they are, until the server closes or half a second is over."""
    lines = ["POST /elevenlabs/function-call HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    start = "\r\n".join([*lines, f"X-Service-Token: {token}", *head]).encode() + b"\r\n\r\n"
    with socket.create_connection(("127.0.0.1", open_.port), timeout=5) as line:
        line.sendall(start + body)
        return line.recv(65536)


PIECE = b'{"function_name": "x"}'


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ((f"Content-Length: {len(PIECE)}", "Content-Length: 3"), PIECE),
        (("Content-Length: many",), PIECE),
        (("Content-Length: -1",), PIECE),
        (("Transfer-Encoding: chunked",), b"zz\r\n" + PIECE + b"\r\n0\r\n\r\n"),
        (("Transfer-Encoding: identity", f"Content-Length: {len(PIECE)}"), PIECE),
    ],
    ids=["two lengths", "no number", "less than nothing", "a broken piece", "an encoding that is none"],
)
def test_a_body_whose_end_is_in_doubt_is_refused(open_, head, body):
    assert send(open_, head, body).startswith(b"HTTP/1.1 400")


def test_a_body_in_pieces_is_read_and_a_length_beside_them_changes_nothing(open_):
    sent = json.dumps(barrage.body(open_.prepared, barrage.QUESTION)).encode()
    pieces = b"%x\r\n%b\r\n0\r\n\r\n" % (len(sent), sent)
    for further in ((), ("Content-Length: 4",)):
        answer = send(open_, ("Transfer-Encoding: chunked", *further), pieces)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.count(b"HTTP/1.1") == 1  # what is left over was not taken for another request


def test_idle_connections_and_half_requests_keep_nobody_waiting(open_):
    with contextlib.ExitStack() as lines:
        for number in range(300):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", open_.port), timeout=5))
            if number % 3:
                line.sendall(b"POST /elevenlabs/function-call HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            if number % 3 == 2:
                line.sendall(b"X-Service-Token: wrong\r\nContent-Length: 500\r\n\r\n{")
        toll = barrage.suffer(open_, contextlib.nullcontext(), SECONDS, QUIET)
    assert all(one.is_answered for one in toll.all)
    assert statistics.median(one.milliseconds for one in toll.all) < barrage.BUDGET_MS / 4


@pytest.mark.parametrize(
    "length", [b"Content-Length: 500\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"], ids=["whole", "in pieces"]
)
def test_half_reports_that_nobody_signed_keep_no_caller_waiting(open_, length):
    with contextlib.ExitStack() as lines:
        for _ in range(40):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", open_.port), timeout=5))
            line.sendall(b"POST /elevenlabs/post-call HTTP/1.1\r\nHost: 127.0.0.1\r\n" + length)
        time.sleep(0.5)
        assert recovers(open_)
        sent = json.dumps(barrage.body(open_.prepared, barrage.QUESTION)).encode()
        pieces = b"%x\r\n%b\r\n0\r\n\r\n" % (len(sent), sent)
        assert send(open_, ("Transfer-Encoding: chunked",), pieces).startswith(b"HTTP/1.1 200")


HANGS = {
    "reports": b"POST /elevenlabs/post-call HTTP/1.1\r\nHost: 127.0.0.1\r\nElevenLabs-Signature: t=1,v0=1\r\n"
    b"Content-Length: 2\r\n\r\n{}",
    "pages": b"GET /chat/maren/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}


@pytest.mark.parametrize("what", HANGS)
def test_what_hangs_at_a_frozen_database_keeps_no_caller_waiting_for_long(open_, what):
    with contextlib.ExitStack() as lines, open_.postgresql.frozen():
        for _ in range(12):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", open_.port), timeout=5))
            line.sendall(HANGS[what])
        toll = barrage.suffer(open_, contextlib.nullcontext(), 8, QUIET)
    assert all(one.is_told for one in toll.all)
    assert all(one.is_good for one in toll.all if one.at > 7)
    assert recovers(open_)
