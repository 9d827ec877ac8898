"""Personas and documents as the knowledge tests need them."""

import sys

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.management import call_command

from knowledge import caching, embeddings, ingestion, shelf, trips
from personas.models import Persona
from tests.knowledge import packing, samples
from tests.knowledge.endpoint import running


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The folder of the built embedding model, built here when set-up did not leave one."""
    if not embeddings.status().ready:
        embeddings.forget_model()
        call_command("build_embedding_model", stdout=sys.stderr)
    return embeddings.directory()


@pytest.fixture(autouse=True)
def own_data(model, settings, tmp_path):
    """Files and indexes of one test are no other's; the model is shared."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "model").symlink_to(model)
    trips.reset()
    shelf.close()
    yield
    embeddings.forget_model()


def make_persona(name):
    """A published persona of whom no other room hears: no signal is sent, so nobody makes it an agent."""
    persona = Persona(name=name, slug=name.lower(), status=Persona.Status.PUBLISHED)
    return Persona.objects.bulk_create([persona])[0]


@pytest.fixture
def persona(db):
    return make_persona("Maren")


@pytest.fixture
def other(db):
    return make_persona("Emil")


@pytest.fixture
def teach():
    """Give a persona a document and have it read: teach(persona, title, text) or teach(persona, title, file=…)."""

    def teach(persona, title, text=None, file=None):
        return ingestion.ingest(ingestion.receive(persona, title, text=text, file=file))

    return teach


@pytest.fixture
def harbour(persona, teach):
    """A persona that knows three things about a harbour."""
    for title, text in samples.HARBOUR.items():
        teach(persona, title, text)
    return persona


@pytest.fixture
def whole(harbour, teach, upload):
    """A published persona with everything that can belong to one."""
    return packing.furnish(harbour, teach, upload)


@pytest.fixture
def upload():
    """An uploaded file: upload(name, bytes)."""

    def upload(name, data):
        return ContentFile(data, name=name)

    return upload


@pytest.fixture
def no_model(settings, tmp_path):
    """A place without the embedding model."""
    (tmp_path / "model").unlink()
    embeddings.forget_model()


@pytest.fixture
def endpoint(settings):
    """A running embeddings endpoint that the settings name."""
    with running() as server:
        settings.EMBEDDING_BASE_URL, settings.EMBEDDING_API_KEY = server.address, "a-secret-key"
        settings.EMBEDDING_MODEL = "hashed"
        embeddings.forget_endpoints()
        yield server
    embeddings.forget_endpoints()


@pytest.fixture
def cached():
    """Whether the cache holds an answer to a question: cached(persona, question)."""

    def cached(persona, question):
        return caching.recall(persona.pk, "", question).payload is not None

    return cached


@pytest.fixture
def clerk(client, django_user_model):
    """A client of somebody with these permissions: clerk("view_persona", …)."""

    def clerk(*names):
        user = django_user_model.objects.create_user("clerk", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return clerk
