"""A document stays the same document when a new version of it comes, and leaves nothing behind when it goes."""

import threading

import pytest
import redis
from django.apps import apps
from django.conf import settings as live
from django.db import connection, models

from knowledge import answering, claims, ingestion, shelf
from knowledge.models import Document, Passage
from knowledge.reading import UnreadableDocument

pytestmark = pytest.mark.django_db


def file_of(document):
    document.refresh_from_db()
    with document.file.open("rb") as file:
        return file.read()


def test_a_new_version_keeps_the_document_so_that_links_to_it_lead_on(persona, teach, upload):
    first = teach(persona, "", file=upload("fees.txt", b"A night costs 25 euros."))
    after = teach(persona, "", file=upload("fees.txt", b"A night costs 30 euros."))
    assert after.pk == first.pk
    assert after.text == "A night costs 30 euros."
    assert file_of(after) == b"A night costs 30 euros."
    assert [passage.document_id for passage in Passage.objects.all()] == [first.pk]


def test_the_file_of_the_version_before_is_removed(
    persona, upload, settings, django_capture_on_commit_callbacks, teach
):
    teach(persona, "", file=upload("fees.txt", b"A night costs 25 euros."))
    with django_capture_on_commit_callbacks(execute=True):
        teach(persona, "", file=upload("fees.txt", b"A night costs 30 euros."))
    assert [path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == [
        b"A night costs 30 euros."
    ]


def test_a_title_that_staff_gave_stays_over_new_versions(persona, teach, upload):
    teach(persona, "What it costs", file=upload("fees.md", b"# Fees 2025\n\nA night costs 25 euros."))
    assert teach(persona, "", file=upload("fees.md", b"# Fees 2026\n\n30 euros.")).title == "What it costs"


def test_a_title_that_the_document_gave_itself_follows_it(persona, teach, upload):
    teach(persona, "", file=upload("fees.md", b"# Fees 2025\n\nA night costs 25 euros."))
    assert teach(persona, "", file=upload("fees.md", b"# Fees 2026\n\n30 euros.")).title == "Fees 2026"


def test_a_title_given_in_the_admin_stays_over_new_versions(persona, teach, upload):
    document = teach(persona, "", file=upload("fees.md", b"# Fees 2025\n\n25 euros."))
    Document.objects.filter(pk=document.pk).update(title="What it costs")
    ingestion.rename(document)
    assert teach(persona, "", file=upload("fees.md", b"# Fees 2026\n\n30 euros.")).title == "What it costs"


def test_of_two_new_versions_the_later_one_stays_however_slow_it_was(persona, teach, upload):
    first = teach(persona, "", file=upload("fees.txt", b"25 euros."))
    second = ingestion.receive(persona, "", file=upload("fees.txt", b"30 euros."))
    third = ingestion.receive(persona, "", file=upload("fees.txt", b"35 euros."))
    assert ingestion.ingest(third).pk == first.pk
    with pytest.raises(claims.Taken):
        ingestion.ingest(second)
    assert [(document.pk, document.text) for document in Document.objects.all()] == [(first.pk, "35 euros.")]


def test_a_failed_version_is_cleared_away_by_a_good_one(persona, teach, upload):
    first = teach(persona, "", file=upload("fees.txt", b"25 euros."))
    broken = ingestion.receive(persona, "", file=upload("fees.txt", bytes(range(256)) * 40))
    with pytest.raises(UnreadableDocument):
        ingestion.ingest(broken)
    teach(persona, "", file=upload("fees.txt", b"30 euros."))
    assert list(Document.objects.all()) == [first]


def test_a_version_deleted_while_it_is_read_leaves_the_one_before(persona, teach, upload):
    first = teach(persona, "", file=upload("fees.txt", b"25 euros."))
    second = ingestion.receive(persona, "", file=upload("fees.txt", b"30 euros."))
    claim = claims.take(second)
    Document.objects.get(pk=second.pk).delete()
    with pytest.raises(claims.Taken):
        claim.finish(text="30 euros.")
    first.refresh_from_db()
    assert first.text == "25 euros."


def test_the_same_words_in_another_file_are_taken_and_noted(persona, teach, upload):
    teach(persona, "Fees", file=upload("fees.txt", b"A night costs 25 euros."))
    twin = teach(persona, "", file=upload("prices.html", b"<html><body><p>A night costs\n25 euros.</p></body></html>"))
    assert (twin.status, twin.passages.count()) == (Document.Status.READY, 1)
    assert twin.warning == "It says word for word the same as “Fees”; one of the two can be deleted."


@pytest.mark.django_db(transaction=True)
def test_two_versions_that_are_ready_at_once_leave_one_document(persona, upload):
    waiting = [ingestion.receive(persona, "", file=upload("fees.txt", b"%d euros." % price)) for price in (25, 30)]
    start = threading.Barrier(2)

    def work(document):
        start.wait()
        try:
            ingestion.ingest(document)
        except claims.Taken:
            pass  # the later one was quicker
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[document]) for document in waiting]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [(document.text, document.passages.count()) for document in Document.objects.all()] == [("30 euros.", 1)]


CANARY = "Quokkaberth"


def traces(needle):
    """Where a word or an id stands: tables, files and Redis, everything looked through."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            for field in model._meta.concrete_fields:
                value = getattr(row, field.attname)
                value = bytes(value) if isinstance(field, models.BinaryField) and value else value
                if needle.encode() in (value if isinstance(value, bytes) else str(value).encode()):
                    found.append(f"{model.__name__}.{field.name}")
    for folder in (live.MEDIA_ROOT, live.DATA_DIR / "index"):
        for path in folder.rglob("*") if folder.exists() else ():
            if needle in path.name or (path.is_file() and needle.encode() in path.read_bytes()):
                found.append(str(path.name))
    with redis.Redis.from_url(live.REDIS_URL) as connection_:
        for key in connection_.scan_iter():
            kind = connection_.type(key)
            value = connection_.dump(key) if kind != b"string" else connection_.get(key)
            if needle.encode() in key + (value or b""):
                found.append(f"Redis {key.decode()}")
    return found


@pytest.mark.django_db(transaction=True)
def test_a_deleted_document_leaves_no_trace_anywhere(persona, teach, upload, admin_client):
    text = f"The {CANARY} costs 25 euros for a night. It has electricity. Dogs are welcome there."
    document = teach(persona, "Berths", file=upload("berths.txt", text.encode()))
    shelf.warm(persona)
    assert CANARY in answering.answer(persona, f"What does the {CANARY} cost?").content
    assert {trace.partition(".")[0].partition(" ")[0] for trace in traces(CANARY)} >= {"Document", "Passage", "Redis"}
    pk, hexadecimal = str(document.pk), document.pk.hex
    ingestion.forget(document)
    assert traces(CANARY) == []
    assert not answering.answer(persona, f"What does the {CANARY} cost?").found
    remaining = {trace for trace in traces(pk) + traces(hexadecimal) if not trace.startswith("Historical")}
    assert remaining == set()  # that it was there, and when it went, is all the history keeps
