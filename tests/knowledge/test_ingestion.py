import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from knowledge import claims, embeddings, ingestion
from knowledge.models import Document, Library, Passage
from knowledge.reading import UnreadableDocument
from tests.knowledge import samples

pytestmark = pytest.mark.django_db


def test_a_document_becomes_passages_that_say_where_they_stand(persona, teach, upload):
    data = samples.pdf(["Mooring", "Boats lie at the long quay."], ["Fees", "A night costs 25 euros."], outline=[("Mooring", 0, 0), ("Fees", 1, 0)])  # fmt: skip
    document = teach(persona, "Handbook", file=upload("handbook.pdf", data))
    assert (document.status, document.progress, document.pages) == (Document.Status.READY, 100, 2)
    passage = document.passages.get(heading="Fees")
    assert passage.page == 2
    assert document.text[passage.start : passage.end] == passage.text == "A night costs 25 euros."


def test_every_passage_and_every_sentence_gets_a_vector(harbour):
    for passage in harbour.passages.with_vectors(embeddings.LOCAL):
        assert len(passage.vector) == 384 * 2
        assert len(passage.sentence_vectors) == 384 * 2 * len(passage.sentences)


def test_a_language_the_model_does_not_know_costs_no_vectors(persona, teach):
    persona.language = "zh"
    persona.save()
    assert not teach(persona, "一", "石油危机始于1973年。").passages.get().vectors.exists()


def test_reading_moves_the_version_of_the_knowledge(persona, teach):
    teach(persona, "One", "The first text.")
    before = Library.objects.get(pk=persona.pk).version
    teach(persona, "Two", "The second text.")
    assert Library.objects.get(pk=persona.pk).version > before


def test_the_same_content_twice_is_recognised(persona, teach):
    first = teach(persona, "One", "The very same text.")
    with pytest.raises(ingestion.AlreadyKnown) as known:
        ingestion.receive(persona, "Another title", text="The very same text.")
    assert known.value.document == first


def test_two_personas_may_know_the_same_content(persona, other, teach):
    teach(persona, "One", "The very same text.")
    assert teach(other, "One", "The very same text.").passages.count() == 1


def test_a_failed_document_is_tried_again_when_it_comes_again(persona, upload):
    document = ingestion.receive(persona, "", file=upload("a.pdf", b"%PDF-1.4 broken"))
    with pytest.raises(UnreadableDocument):
        ingestion.ingest(document)
    again = ingestion.receive(persona, "", file=upload("a.pdf", b"%PDF-1.4 broken"))
    assert (again.pk, again.status) == (document.pk, Document.Status.WAITING)


def test_a_file_of_the_same_name_replaces_the_earlier_one_once_it_was_read(persona, teach, upload):
    first = teach(persona, "", file=upload("fees.txt", b"A night costs 25 euros."))
    second = ingestion.receive(persona, "", file=upload("fees.txt", b"A night costs 30 euros."))
    assert [passage.document for passage in Passage.objects.known_to(persona)] == [first]
    ingestion.ingest(second)
    assert [passage.text for passage in Passage.objects.known_to(persona)] == ["A night costs 30 euros."]
    assert list(Document.objects.all()) == [first]


def test_a_replacement_that_cannot_be_read_leaves_the_earlier_one_answering(persona, teach, upload):
    first = teach(persona, "", file=upload("fees.pdf", samples.pdf(["A night costs 25 euros in summer."])))
    second = ingestion.receive(persona, "", file=upload("fees.pdf", samples.pdf([], [])))
    with pytest.raises(UnreadableDocument, match="scan"):
        ingestion.ingest(second)
    second.refresh_from_db()
    assert second.status == Document.Status.FAILED
    assert "scan" in second.problem
    assert [passage.document for passage in Passage.objects.known_to(persona)] == [first]


def test_a_document_is_named_by_its_own_title_when_staff_gave_none(persona, teach, upload):
    data = samples.pdf(["A night costs 25 euros in summer."], title="Fees and Charges")
    assert teach(persona, "", file=upload("fees_2026-v2.pdf", data)).title == "Fees and Charges"
    assert teach(persona, "", file=upload("ferry_times-2026.txt", b"At nine.")).title == "Ferry times 2026"


def test_a_file_is_stored_under_a_name_of_our_own(persona, upload):
    document = ingestion.receive(persona, "", file=upload("../<b>name.txt", b"text"))
    assert document.pk.hex in document.file.name
    assert "name" not in document.file.name


def test_a_file_of_no_known_kind_is_refused_before_it_is_stored(persona, upload, settings):
    with pytest.raises(UnreadableDocument, match="cannot be read"):
        ingestion.receive(persona, "", file=upload("virus.exe", b"MZ"))
    assert not Document.objects.exists()
    assert not settings.MEDIA_ROOT.exists()


def test_a_full_disk_leaves_no_row_and_no_file(persona, upload, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", full)
    with pytest.raises(ingestion.NotStored):
        ingestion.receive(persona, "", file=upload("a.txt", b"text"))
    assert not Document.objects.exists()


def test_a_row_that_cannot_be_written_leaves_no_file(persona, upload, settings, monkeypatch):
    monkeypatch.setattr(Document, "save", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ingestion.receive(persona, "", file=upload("a.txt", b"text"))
    assert [file for file in settings.MEDIA_ROOT.rglob("*") if file.is_file()] == []


def test_a_ready_document_is_not_read_twice(persona, teach):
    document = teach(persona, "One", "The first text.")
    ids = [passage.pk for passage in document.passages.all()]
    ingestion.ingest(document)
    assert [passage.pk for passage in document.passages.all()] == ids


def test_a_document_that_another_worker_reads_is_left_alone(persona):
    document = ingestion.receive(persona, "One", text="The first text.")
    claims.take(document)
    with pytest.raises(claims.Taken):
        ingestion.ingest(document)


def test_a_document_deleted_while_it_is_read_comes_to_nothing(persona):
    document = ingestion.receive(persona, "One", text="The first text.")
    claim = claims.take(document)
    Document.objects.filter(pk=document.pk).delete()
    with pytest.raises(claims.Taken):
        claim.report(50)


def test_a_fault_of_ours_lets_the_document_wait_and_gives_it_up_after_three(persona, monkeypatch):
    document = ingestion.receive(persona, "One", text="The first text.")
    monkeypatch.setattr("knowledge.splitting.split", lambda *_: 1 / 0)
    states = []
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            ingestion.ingest(document)
        document.refresh_from_db()
        states.append(document.status)
    assert states == ["waiting", "waiting", "failed"]
    assert document.problem == claims.FAULT


def test_a_document_of_a_worker_that_died_is_taken_up_again(persona):
    document = ingestion.receive(persona, "One", text="The first text.")
    claims.take(document)
    assert claims.find_waiting() == []
    Document.objects.update(claimed_at=timezone.now() - claims.STALE - timedelta(seconds=1))
    assert claims.find_waiting() == [document.pk]
    assert ingestion.ingest(document).status == Document.Status.READY


def test_a_document_that_kills_every_worker_is_given_up(persona):
    document = ingestion.receive(persona, "One", text="The first text.")
    long_ago = timezone.now() - timedelta(hours=1)
    Document.objects.update(status="reading", attempts=claims.MOST_ATTEMPTS, claimed_at=long_ago)
    assert claims.find_waiting() == []
    document.refresh_from_db()
    assert (document.status, document.problem) == (Document.Status.FAILED, claims.KILLED)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_read_one_document_twice(persona):
    document = ingestion.receive(persona, "One", text="The first text.")
    start, outcomes = threading.Barrier(2), []

    def work():
        try:
            start.wait()
            outcomes.append(claims.take(Document.objects.get(pk=document.pk)) is not None)
        except claims.Taken:
            outcomes.append(False)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(outcomes) == [False, True]
