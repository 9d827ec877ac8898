import pytest
from kombu.exceptions import OperationalError

from knowledge import broker, caching, claims, embeddings, ingestion, shelf, tasks
from knowledge.models import Document, Library
from tests.knowledge import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(persona):
    return ingestion.receive(persona, "Bridge", text=samples.HARBOUR["Bridge"])


def test_reading_starts_when_the_upload_is_committed(waiting, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.start_reading(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.status == Document.Status.WAITING
    waiting.refresh_from_db()
    assert waiting.status == Document.Status.READY


def test_a_task_that_comes_twice_does_its_work_once(waiting):
    tasks.read_document(str(waiting.pk))
    ids = list(waiting.passages.values_list("pk", flat=True))
    tasks.read_document(str(waiting.pk))
    assert list(waiting.passages.values_list("pk", flat=True)) == ids


def test_the_index_is_there_before_the_first_question(waiting, persona):
    tasks.read_document(str(waiting.pk))
    assert len(list(shelf.directory().glob("*.index"))) == 1


def test_a_document_that_is_gone_is_no_fault():
    assert tasks.read_document("00000000-0000-0000-0000-000000000000") is None


def test_what_cannot_be_read_says_so_on_its_row(persona, upload):
    document = ingestion.receive(persona, "", file=upload("a.pdf", samples.pdf([])))
    tasks.read_document(str(document.pk))
    document.refresh_from_db()
    assert document.status == Document.Status.FAILED
    assert "scan" in document.problem


def test_with_the_broker_down_the_document_waits_for_the_sweep(
    waiting, monkeypatch, django_capture_on_commit_callbacks
):
    def down(*_, **__):
        raise OperationalError("nobody there")

    with monkeypatch.context() as broken, django_capture_on_commit_callbacks(execute=True):
        broken.setattr(tasks.read_document, "apply_async", down)
        tasks.start_reading(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == Document.Status.WAITING
    monkeypatch.setattr(claims, "LEFT", claims.LEFT * 0)
    broker.reset()  # its half minute is over
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_up_waiting_documents()
    waiting.refresh_from_db()
    assert waiting.status == Document.Status.READY


def test_many_uploads_wait_for_a_frozen_broker_once(waiting, monkeypatch, django_capture_on_commit_callbacks):
    asked = []

    def freeze(*_, **__):
        asked.append(1)
        raise OperationalError("timed out")

    with monkeypatch.context() as broken, django_capture_on_commit_callbacks(execute=True):
        broken.setattr(tasks.read_document, "apply_async", freeze)
        for _ in range(100):
            tasks.start_reading(waiting.pk)
    assert len(asked) == 1


def test_the_sweep_leaves_alone_what_was_just_uploaded(waiting, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as started:
        tasks.take_up_waiting_documents()
    assert started == []


def test_the_sweep_fills_in_vectors_once_the_model_is_there(
    waiting, no_model, model, tmp_path, django_capture_on_commit_callbacks
):
    tasks.read_document(str(waiting.pk))
    assert not waiting.passages.get().vectors.exists()
    (tmp_path / "model").symlink_to(model)
    embeddings.forget_model()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_up_waiting_documents()
    assert waiting.passages.get().vectors.get().engine == embeddings.LOCAL


def test_the_sweep_repeats_an_announcement_that_was_lost(waiting, persona):
    tasks.read_document(str(waiting.pk))
    Library.objects.moved(persona.pk)
    tasks.take_up_waiting_documents()
    assert caching.recall(persona.pk, "", "?").version == Library.objects.get(pk=persona.pk).version
