"""A persona with a document and a conversation, its backup, and another machine to bring that to."""

import json
import uuid
from contextlib import contextmanager

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connections

from knowledge import ingestion, shelf
from tests import stores
from tests.conftest import DATA_DIR
from tests.knowledge.conftest import make_persona
from voice import conversations
from voice.models import Conversation
from voice.saving import copies, manifest

TEXT = b"The ferry leaves at nine. A night in the cellar costs twenty euros."
QUESTION = "What does a night in the cellar cost?"


@pytest.fixture(autouse=True)
def own_data(settings, tmp_path, monkeypatch):
    """Files and indexes of one test, and PostgreSQL's programs of the server's own version."""
    monkeypatch.setenv("PATH", f"{stores.postgresql_folder() / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(copies, "PAUSE_SECONDS", 0)
    with living_in(settings, tmp_path / "here"):
        yield


@contextmanager
def living_in(settings, folder):
    """Another data folder, as of another machine."""
    folder.mkdir()
    (folder / "model").symlink_to(DATA_DIR / "model")
    before = settings.DATA_DIR, settings.MEDIA_ROOT
    settings.DATA_DIR, settings.MEDIA_ROOT = folder, folder / "media"
    shelf.close()
    yield folder
    settings.DATA_DIR, settings.MEDIA_ROOT = before
    shelf.close()


@pytest.fixture
def elsewhere(settings, tmp_path):
    """To be entered: another machine, with an empty database and no files. Gives its data folder."""

    @contextmanager
    def move():
        here = connections["default"]
        connections["default"] = there = here.copy()
        with living_in(settings, tmp_path / "there") as folder, fresh_database(there, folder):
            try:
                yield folder
            finally:
                there.close()
                connections["default"] = here

    return move


@contextmanager
def fresh_database(there, folder):
    told = there.settings_dict
    if there.vendor == "sqlite":
        told["NAME"] = str(folder / "fresh.sqlite3")
        yield
        return
    where = {"host": told["HOST"], "port": told["PORT"], "user": told["USER"], "password": told["PASSWORD"]}
    name = told["NAME"] = f"fresh_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def persona(db):
    return make_persona("Maren")


@pytest.fixture
def paper(persona):
    return ingestion.ingest(ingestion.receive(persona, "Cellar", file=ContentFile(TEXT, "cellar.txt")))


@pytest.fixture
def thread(persona, paper):
    conversation = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
    ask(conversation, QUESTION)
    return conversation


@pytest.fixture
def backup(thread, tmp_path):
    """The folder of a backup of one persona, one document and one conversation."""
    return save(tmp_path / "backups")


def ask(conversation, question):
    """Type a question, and have it answered."""
    return list(conversations.say(conversation, question))


def save(folder, **options):
    """Make a backup and give its folder."""
    before = set(folder.glob("advisor-*"))
    call_command("backup", str(folder), **options)
    (made,) = set(folder.glob("advisor-*")) - before
    return made


def restore(folder, **options):
    call_command("restore", str(folder), **options)


def rewrite(backup, **changed):
    """Have a backup's manifest say something else, signed by whoever has our SECRET_KEY."""
    told = json.loads((backup / manifest.FILE).read_text()) | changed
    (backup / manifest.FILE).write_text(json.dumps(told | {"signature": manifest.sign(told)}))
