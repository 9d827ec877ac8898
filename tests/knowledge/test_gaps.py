"""Unanswered questions: gathered into one, asked again, closed, dismissed, opened again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge import gaps, ingestion, tasks
from knowledge.models import Asked, Gap, Library

pytestmark = pytest.mark.django_db
PHARMACY = "Where is the nearest pharmacy?"


@pytest.fixture
def miss():
    """Note questions that found nothing, and gather them: miss(persona, question, …)."""

    def miss(persona, *questions, at=None):
        for question in questions:
            Asked.objects.create(
                persona=persona, question=question, channel="typed", found=False, reason="thin", at=at or timezone.now()
            )
        gaps.gather()

    return miss


@pytest.fixture
def person(django_user_model):
    return django_user_model.objects.create_superuser("anna")


def test_the_same_question_is_one_gap_whatever_its_case_and_punctuation(harbour, miss):
    miss(harbour, PHARMACY, "where is the  nearest PHARMACY", "Where is the nearest pharmacy?!")
    gap = Gap.objects.counted().get()
    assert (gap.question, gap.count) == (PHARMACY, 3)


def test_questions_that_mean_the_same_are_one_gap(harbour, miss):
    miss(harbour, PHARMACY, "Where can I find the nearest pharmacy?")
    assert Gap.objects.counted().get().count == 2


def test_an_old_question_put_in_other_letters_comes_to_its_own_gap_however_many_came_since(harbour, miss, monkeypatch):
    monkeypatch.setattr(gaps, "COMPARED", 1)
    miss(harbour, PHARMACY)
    miss(harbour, "Who won the regatta?")
    miss(harbour, "where is the nearest PHARMACY", "Who is the mayor?")
    assert Gap.objects.counted().get(question=PHARMACY).count == 2
    assert Gap.objects.count() == 3


def test_questions_that_mean_something_else_are_not(harbour, miss):
    miss(harbour, PHARMACY, "Where is the nearest bakery?", "Who won the regatta?")
    assert Gap.objects.count() == 3


def test_without_the_model_words_decide(harbour, miss, no_model):
    miss(harbour, PHARMACY, "Where can I find the nearest pharmacy?", "Who won the regatta?")
    assert Gap.objects.count() == 2


def test_two_personas_never_share_a_gap(harbour, other, miss):
    miss(harbour, PHARMACY)
    miss(other, PHARMACY)
    assert Gap.objects.count() == 2


def test_gathering_twice_changes_nothing(harbour, miss):
    miss(harbour, PHARMACY)
    assert gaps.gather() == 0


def test_a_question_with_an_answer_is_no_gap(harbour):
    Asked.objects.create(persona=harbour, question="What does a night cost?", channel="typed", found=True)
    gaps.gather()
    assert Gap.objects.count() == 0


def test_asked_again_without_new_knowledge_it_stays_open(harbour, miss):
    miss(harbour, PHARMACY)
    again = gaps.ask_again(Gap.objects.get())
    assert not again.closed
    assert Gap.objects.get().is_open


def test_asked_again_with_an_answer_it_is_closed_with_the_document(harbour, miss, teach, person):
    miss(harbour, PHARMACY)
    document = teach(harbour, "Town", "The nearest pharmacy is in Mill Street. It opens at eight.")
    gap = Gap.objects.get()
    assert gaps.ask_again(gap, person).closed
    assert (gap.status, gap.document, gap.settled_by) == (Gap.Status.CLOSED, document, person)


def test_every_wording_must_be_answered(harbour, miss, teach):
    miss(harbour, PHARMACY)
    gap = Gap.objects.get()
    Asked.objects.create(persona=harbour, question="Who wrote the opera Figaro?", channel="typed", found=False, gap=gap)
    teach(harbour, "Town", "The nearest pharmacy is in Mill Street. It opens at eight.")
    again = gaps.ask_again(gap)
    assert [answer.found for _, answer in again.answers] == [True, False]
    assert not again.closed


def test_a_document_that_answers_closes_the_gap_by_itself(harbour, miss, django_capture_on_commit_callbacks):
    miss(harbour, PHARMACY)
    document = ingestion.receive(harbour, "Town", text="The nearest pharmacy is in Mill Street. It opens at eight.")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.read_document(str(document.pk))
    assert Gap.objects.get().document == document


def test_gaps_are_not_asked_again_while_nothing_changed(harbour, miss, monkeypatch):
    miss(harbour, PHARMACY)
    monkeypatch.setattr(gaps, "ask_again", None)
    assert gaps.review(harbour) == 0


def test_what_was_not_asked_for_want_of_a_broker_is_asked_by_the_sweep(
    harbour, miss, teach, django_capture_on_commit_callbacks
):
    miss(harbour, PHARMACY)
    teach(harbour, "Town", "The nearest pharmacy is in Mill Street. It opens at eight.")
    Library.objects.update(changed_at="2020-01-01T00:00:00Z")
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_up_waiting_documents()
    assert Gap.objects.get().status == Gap.Status.CLOSED
    assert gaps.find_due(timezone.now()) == []


def test_the_sweep_gathers(harbour):
    Asked.objects.create(persona=harbour, question=PHARMACY, channel="spoken", found=False)
    tasks.take_up_waiting_documents()
    assert Gap.objects.get().question == PHARMACY


def test_a_closed_gap_opens_when_it_is_asked_again_in_vain(harbour, miss, teach):
    miss(harbour, PHARMACY)
    document = teach(harbour, "Town", "The nearest pharmacy is in Mill Street. It opens at eight.")
    gaps.ask_again(Gap.objects.get())
    ingestion.forget(document)
    miss(harbour, PHARMACY, at=timezone.now() - timedelta(days=1))
    assert not Gap.objects.get().is_open, "what was asked before it was closed says nothing"
    miss(harbour, PHARMACY)
    assert Gap.objects.get().is_open


def test_a_dismissed_gap_keeps_its_reason_and_stays_aside(harbour, miss, person):
    miss(harbour, PHARMACY)
    gaps.dismiss(Gap.objects.get(), person, "Not our town.")
    miss(harbour, PHARMACY)
    gap = Gap.objects.get()
    assert (gap.status, gap.reason, gap.settled_by) == (Gap.Status.DISMISSED, "Not our town.", person)
    gaps.reopen(gap)
    assert (gap.is_open, gap.reason) == (True, "")


def test_a_gap_is_not_dismissed_without_a_reason(harbour, miss, person):
    miss(harbour, PHARMACY)
    with pytest.raises(gaps.NoReason):
        gaps.dismiss(Gap.objects.get(), person, " ")
    assert Gap.objects.get().is_open
