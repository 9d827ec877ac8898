import pytest
import redis

from knowledge import caching, ingestion, shelf
from knowledge.answering import answer
from knowledge.models import Document, Library, Passage

pytestmark = pytest.mark.django_db

QUESTION = "When does the chandler open?"


@pytest.fixture
def kept(persona, teach, upload):
    """A persona with a document in a file, an index on the shelf, and an answer in the cache."""
    document = teach(persona, "Shop", file=upload("shop.txt", b"The chandler opens at seven in the morning."))
    assert answer(persona, QUESTION).found
    assert answer(persona, QUESTION).cached
    return document


def traces(settings, persona_id):
    """Everything of a persona's knowledge that is left anywhere."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        answers = client.keys("*answers:*")
    files = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    indexes = list(shelf.directory().glob(f"{persona_id.hex}*.index"))
    return list(Passage.objects.all()), files, indexes, answers


def delete_one(document):
    ingestion.forget(document)


def delete_many(document):
    Document.objects.filter(pk=document.pk).delete()


def delete_the_persona(document):
    document.persona.delete()


@pytest.mark.parametrize("delete", [delete_one, delete_many, delete_the_persona])
def test_a_deleted_document_leaves_nothing_anywhere(
    kept, persona, settings, delete, django_capture_on_commit_callbacks
):
    persona_id = persona.pk
    assert all(traces(settings, persona_id))
    with django_capture_on_commit_callbacks(execute=True):
        delete(kept)
    assert traces(settings, persona_id) == ([], [], [], [])


def test_after_a_deletion_the_answer_is_gone_at_once(kept, persona, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ingestion.forget(kept)
    said = answer(persona, QUESTION)
    assert not said.cached
    assert not said.found


def test_until_the_deletion_is_committed_nothing_new_is_cached(kept, persona):
    ingestion.forget(kept)
    assert caching.recall(persona.pk, "", QUESTION).version is None


@pytest.mark.parametrize(
    ("name", "value"), [("fallback_message", "No idea."), ("language", "de"), ("strictness", "free")]
)
def test_a_change_that_answers_depend_on_makes_cached_ones_old(
    kept, persona, name, value, django_capture_on_commit_callbacks
):
    before = Library.objects.get(pk=persona.pk).version
    setattr(persona, name, value)
    with django_capture_on_commit_callbacks(execute=False) as waiting:
        persona.save()
    caching.announce(persona.pk)
    assert waiting
    assert Library.objects.get(pk=persona.pk).version > before
    assert not answer(persona, QUESTION).cached


def test_a_change_that_answers_do_not_depend_on_leaves_them(kept, persona):
    before = Library.objects.get(pk=persona.pk).version
    persona.tagline = "New words under the name"
    persona.save()
    assert Library.objects.get(pk=persona.pk).version == before
    assert answer(persona, QUESTION).cached
