"""Changing the schema of PostgreSQL: from one place at a time, and nobody waits behind it."""

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from voice import schema

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(schema, "WAIT", "200ms")
    monkeypatch.setattr(schema, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(schema, "TRIES", 3)


@pytest.fixture
def somebody():
    """Another program's connection to the same database."""
    told = connection.settings_dict
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    with psycopg.connect(**{name: told[given] for name, given in names.items()}) as connected:
        yield connected


def read_on(somebody):
    """Have a table open, as a long report has."""
    somebody.execute("SELECT * FROM knowledge_hold")


def test_a_change_that_would_wait_lets_everybody_pass_and_comes_back(somebody):
    read_on(somebody)
    said, done = [], []

    def say(sentence):
        said.append(sentence)
        somebody.rollback()

    def change():
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE knowledge_hold ALTER COLUMN until SET NOT NULL")
        done.append(True)

    schema.patiently("default", change, say)
    assert (len(said), done) == (1, [True])


def test_a_table_that_stays_in_use_is_given_up_with_what_to_do(somebody, capsys):
    read_on(somebody)
    with pytest.raises(CommandError, match="stayed in use.*pg_stat_activity"):
        call_command("migrate", "knowledge", "0014")
    assert capsys.readouterr().out.count("A table is in use") == 2
    somebody.rollback()
    call_command("migrate", verbosity=0)


def test_afterwards_everybody_waits_as_before():
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_whoever_comes_second_waits_for_the_first(somebody):
    somebody.execute("SELECT pg_advisory_lock(%s)", [schema.KEY])
    somebody.commit()
    said = []

    def say(sentence):
        said.append(sentence)
        somebody.execute("SELECT pg_advisory_unlock(%s)", [schema.KEY])
        somebody.commit()

    with schema.alone("default", say):
        assert not somebody.execute("SELECT pg_try_advisory_lock(%s)", [schema.KEY]).fetchone()[0]
    assert len(said) == 1
    assert somebody.execute("SELECT pg_try_advisory_lock(%s)", [schema.KEY]).fetchone()[0]


def test_another_fault_is_not_tried_again():
    tried = []

    def change():
        tried.append(True)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '10ms'; SELECT pg_sleep(1)")

    with pytest.raises(Exception, match="statement timeout"):
        schema.patiently("default", change, print)
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    assert len(tried) == 1
