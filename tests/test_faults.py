"""The fault machinery itself: what is called frozen does not answer, what is called killed is gone and can come back."""

import time

import psycopg
import pytest
import redis

from demo import processes
from tests import stores, wires


@pytest.fixture(scope="module")
def valkey():
    with stores.valkey(processes.free_port()) as program:
        yield program


@pytest.fixture
def wire(valkey):
    with wires.wire(valkey.port) as made:
        yield made


def connect(port):
    return redis.Redis(port=port, socket_timeout=0.3, socket_connect_timeout=0.3, retry=None)


def test_a_frozen_server_takes_connections_and_says_nothing_until_it_is_thawed(valkey):
    with connect(valkey.port) as client:
        client.ping()
        with valkey.frozen(), pytest.raises(redis.TimeoutError):
            client.ping()
        assert connect(valkey.port).ping()


def test_a_killed_server_refuses_connections_until_it_is_started(valkey):
    valkey.kill()
    with pytest.raises(redis.ConnectionError):
        connect(valkey.port).ping()
    valkey.start()
    assert connect(valkey.port).ping()


def test_a_killed_database_comes_back_with_what_was_committed():
    port = processes.free_port()
    address = f"postgres://postgres:secret@127.0.0.1:{port}/postgres"
    with stores.postgresql(port, "secret") as program:
        with psycopg.connect(address, autocommit=True) as before:
            before.execute("SET synchronous_commit = on")  # the tests' databases run without
            before.execute("CREATE TABLE kept AS SELECT 7 AS number")
            program.kill()
            with pytest.raises(psycopg.OperationalError):
                before.execute("SELECT 1")
        program.start()
        stores.await_first_connection(port, "secret")
        with psycopg.connect(address) as after:
            assert after.execute("SELECT number FROM kept").fetchone() == (7,)


def test_a_wire_passes_on_what_is_said_and_a_long_one_takes_its_time(wire):
    with connect(wire.port) as client:
        client.set("a", "b")
        wire.delay = 0.05
        began = time.monotonic()
        assert client.get("a") == b"b"
        assert time.monotonic() - began >= 0.05


def test_a_dead_wire_swallows_and_a_mended_one_passes_on(wire):
    wire.dead = True
    with pytest.raises(redis.TimeoutError):
        connect(wire.port).ping()
    wire.mend()
    assert connect(wire.port).ping()


def test_a_wire_can_answer_in_the_servers_place(wire):
    wire.says = b"-LOADING Valkey is loading the dataset in memory\r\n"
    with pytest.raises(redis.BusyLoadingError):
        connect(wire.port).ping()


def test_a_cut_wire_ends_the_connections_there_are_and_takes_new_ones(wire):
    with connect(wire.port) as client:
        client.ping()
        wire.cut()
        time.sleep(0.1)
        assert connect(wire.port).ping()
