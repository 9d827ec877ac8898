"""What is kept of a question, and what is not."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from knowledge import answering, gaps, usage
from knowledge.models import Asked, Cited, Gap

pytestmark = pytest.mark.django_db


def noted(persona, question, **fields):
    """Ask a question and note it as a channel does."""
    said = answering.answer(persona, question)
    citations = [citation.as_json() for citation in said.citations]
    one = usage.Note(persona.pk, question, "typed", said.found, said.reason, citations, **fields)
    assert usage.note([one])
    return said


def test_a_question_is_kept_with_the_places_that_were_cited(harbour):
    said = noted(harbour, "What does a night cost?")
    asked = Asked.objects.get()
    assert (asked.question, asked.found, asked.channel) == ("What does a night cost?", True, "typed")
    cited = asked.cited.get()
    assert cited.document.text[cited.start : cited.end] == said.citations[0].quote


def test_a_question_without_an_answer_is_kept_with_the_reason(harbour):
    noted(harbour, "Who wrote the opera about Figaro?")
    asked = Asked.objects.get()
    assert not asked.found
    assert "too thin" in asked.reason
    assert Cited.objects.count() == 0


def test_what_was_deleted_since_is_left_out_and_keeps_nothing_else_back(harbour):
    citation = {"document_id": str(uuid.uuid4()), "start": 0, "end": 5}
    notes = [
        usage.Note(uuid.uuid4(), "Whose question?", "spoken", True),
        usage.Note(harbour.pk, "What is left?", "spoken", True, citations=[citation]),
    ]
    assert usage.note(notes)
    assert Asked.objects.get().question == "What is left?"
    assert Cited.objects.count() == 0


def test_a_fault_is_swallowed_and_no_question_reaches_the_log(harbour, monkeypatch, caplog):
    def fail(*_, **__):
        raise DatabaseError("Key (question)=(What does a night cost?)")

    monkeypatch.setattr(Asked.objects, "bulk_create", fail)
    assert not usage.note([usage.Note(harbour.pk, "What does a night cost?", "typed", True)])
    assert "could not be noted" in caplog.text
    assert "night" not in caplog.text


def test_hidden_characters_and_length_are_no_fault(harbour):
    assert usage.note([usage.Note(harbour.pk, "a\x00" * 2000, "typed", False, reason="b" * 400)])
    assert len(Asked.objects.get().question) == 1000


def test_places_count_only_for_the_text_as_it_was_last_read(harbour):
    noted(harbour, "What does a night cost?")
    document = harbour.documents.get(title="Berths")
    assert usage.cited_in(document).count() == 1
    document.read_at = timezone.now() + timedelta(seconds=1)
    assert usage.cited_in(document).count() == 0


def test_a_deleted_document_takes_its_citations_with_it(harbour):
    noted(harbour, "What does a night cost?")
    harbour.documents.get(title="Berths").delete()
    assert Cited.objects.count() == 0
    assert Asked.objects.count() == 1


def test_a_forgotten_talk_leaves_no_question_behind(harbour):
    noted(harbour, "Who wrote the opera about Figaro?", thread="one")
    noted(harbour, "Who wrote the opera about Figaro??", thread="two")
    noted(harbour, "How tall is the Eiffel tower?", thread="one")
    gaps.gather()
    assert Gap.objects.count() == 2
    usage.forget("one")
    assert Asked.objects.get().thread == "two"
    assert Gap.objects.get().question == "Who wrote the opera about Figaro??"
