"""A document's page: its passages, what was asked that cited them, and a search inside."""

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge import answering, usage
from knowledge.models import Document
from tests.knowledge import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(admin_client):
    """What a document's page shows: page(document, **query)."""

    def page(document, **query):
        return admin_client.get(reverse("admin:knowledge_document_change", args=[document.pk]), query).content.decode()

    return page


def cite(persona, question, times=1):
    said = answering.answer(persona, question)
    citations = [citation.as_json() for citation in said.citations]
    usage.note([usage.Note(persona.pk, question, "spoken", said.found, "", citations)] * times)


def test_a_passage_shows_the_questions_that_cited_it_with_day_and_channel(page, harbour):
    cite(harbour, "What does a night cost?")
    shown = page(harbour.documents.get(title="Berths"))
    assert "1 question</summary>" in shown
    assert "What does a night cost?" in shown
    assert f"{timezone.now():%Y}, spoken" in shown
    assert "Cited 1 time so far." in shown


def test_a_document_nobody_cited_says_so(page, harbour):
    assert "Not cited so far." in page(harbour.documents.get(title="Berths"))


def test_of_many_questions_the_newest_are_shown_and_the_others_counted(page, harbour):
    cite(harbour, "What does a night cost?", times=8)
    shown = page(harbour.documents.get(title="Berths"))
    assert "8 questions</summary>" in shown
    assert "and 3 more" in shown


def test_a_citation_of_an_earlier_text_stands_at_no_passage_of_the_new_one(page, harbour):
    cite(harbour, "What does a night cost?")
    Document.objects.update(read_at=timezone.now())
    shown = page(harbour.documents.get(title="Berths"))
    assert "1 question</summary>" not in shown
    assert "Cited 1 time so far." in shown


def test_searching_inside_finds_the_place_by_words(page, persona, teach):
    document = teach(persona, "Everything", "\n\n".join(text * 6 for text in samples.HARBOUR.values()))
    teach(persona, "Other", "The swing bridge is painted blue.")
    shown = page(document, inside="swing bridge trains")
    best = shown[shown.index("Best places for") :]
    assert "Trains have priority" in best
    assert "painted blue" not in shown
    assert "#passage-" in best


def test_searching_inside_finds_the_place_by_meaning(page, persona, teach):
    document = teach(persona, "Everything", "\n\n".join(text * 6 for text in samples.HARBOUR.values()))
    shown = page(document, inside="Can I bring my puppy?")
    assert "Dogs travel free" in shown[shown.index("Best places for") :]


def test_searching_inside_what_answers_nothing_says_so(page, harbour):
    retired = harbour.documents.get(title="Bridge")
    Document.objects.filter(pk=retired.pk).update(superseded_by=harbour.documents.get(title="Ferry"))
    assert "Nothing in this document fits" in page(retired, inside="bridge")


@pytest.mark.parametrize("asked", ["", " ", "\x00", "a" * 3000, "<script>alert(1)</script>"])
def test_any_search_is_survived_and_shown_as_text(page, harbour, asked):
    shown = page(harbour.documents.get(title="Berths"), inside=asked)
    assert "<script>alert" not in shown
    assert " style=" not in shown
