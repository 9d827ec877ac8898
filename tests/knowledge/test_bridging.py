"""While a new index is being built, an earlier one answers, without all that is no longer so."""

import time

import pytest

from knowledge import answering, claims, ingestion, shelf
from knowledge.flags import flagging
from knowledge.models import Document, Flag, Passage

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(harbour):
    """The harbour's index is there, and every later one takes longer than anybody waits."""
    shelf.find(harbour)
    shelf.directory().mkdir(exist_ok=True)
    with shelf._locked(shelf.directory() / f"{harbour.pk.hex}.lock"):
        shelf.close()
        yield harbour


def answer(persona, question):
    return answering.answer(persona, question, deadline=time.monotonic() + 0.6)


def test_what_never_changed_goes_on_answering(busy, teach):
    teach(busy, "Crane", "The crane lifts nine tonnes.")
    said = answer(busy, "What does a night cost?")
    assert "25 euros" in said.content
    assert "newest documents" in said.reason


def test_an_answer_without_the_newest_documents_is_not_cached(busy, teach, cached):
    teach(busy, "Crane", "The crane lifts nine tonnes.")
    answer(busy, "What does a night cost?")
    assert not cached(busy, "What does a night cost?")


def test_what_was_replaced_is_not_said_any_more(busy):
    document = Document.objects.get(title="Berths")
    Document.objects.filter(pk=document.pk).update(pasted_text="A night costs 30 euros.")
    claims.release(document)
    ingestion.ingest(document)
    assert "25" not in answer(busy, "What does a night cost?").content


def test_a_superseded_document_is_not_said_any_more(busy, teach):
    newer = teach(busy, "Prices", "The crane lifts nine tonnes.")
    Document.objects.filter(title="Berths").update(superseded_by=newer)
    assert "25" not in answer(busy, "What does a night cost?").content


def test_a_passage_withheld_meanwhile_is_not_said_any_more(busy, teach):
    passage = Passage.objects.get(document__title="Berths")
    Flag.objects.create(
        persona=busy, document=passage.document, kind=Flag.Kind.INSTRUCTION, quote=passage.text, score=1.0,
        start=passage.start, end=passage.end, fingerprint=flagging.fingerprint(passage.text),
    )  # fmt: skip
    teach(busy, "Crane", "The crane lifts nine tonnes.")
    assert "25" not in answer(busy, "What does a night cost?").content


def test_after_a_deletion_no_earlier_index_is_left_to_answer(busy, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        Document.objects.get(title="Berths").delete()
    assert list(shelf.directory().glob("*.index")) == []
