"""A worker that is killed in the middle of a document: a real one, by SIGKILL. The document is taken up again."""

import os
import signal
import time

import pytest
from django.utils import timezone

from config.celery import app as celery
from demo import processes
from knowledge import claims, ingestion
from knowledge.models import Document
from tests import workers

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


@pytest.fixture
def worker(tmp_path, settings):
    """start() begins a worker on this test's stores; whatever still runs is ended afterwards."""
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"  # where a process with this data folder looks for it
    started = []

    def start():
        started.append(workers.start(tmp_path / f"worker{len(started)}.log"))
        return started[-1]

    yield start
    for process in started:
        processes.stop(process, patience=3)


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


def is_half_read(document):
    document.refresh_from_db(fields=["status", "progress"])
    return document.status == Document.Status.READING and document.progress > 40


def is_ready(document):
    document.refresh_from_db(fields=["status"])
    return document.status == Document.Status.READY


def test_the_document_of_a_worker_that_was_killed_is_taken_up_again_and_ends_ready(persona, upload, worker):
    said = "".join(
        f"Berth {number} lies at the long quay and costs {number} euros for a night in summer.\n\n"
        for number in range(1_200)
    )
    document = ingestion.receive(persona, "", file=upload("berths.txt", said.encode()))
    first = worker()
    celery.send_task("knowledge.tasks.read_document", [str(document.pk)])
    assert wait_until(lambda: is_half_read(document))
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not document.passages.exists()
    Document.objects.update(claimed_at=timezone.now() - claims.STALE)  # five minutes without a sign of life
    worker()
    celery.send_task("knowledge.tasks.take_up_waiting_documents")
    assert wait_until(lambda: is_ready(document))
    document.refresh_from_db()
    assert document.attempts == 0
    assert "costs 1199 euros" in document.passages.order_by("position").last().text
