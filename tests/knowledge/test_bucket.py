"""Files in S3: a real client over HTTP, and a pretend bucket that can be away."""

import sys

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config import settings as written
from demo import processes
from knowledge import answering, ingestion, removals, tasks
from knowledge.models import Document, Removal
from knowledge.sources import NotStored
from tests.test_programs import wait_until
from voice import checks

KEYS = {"access_key": "key-of-the-tests", "secret_key": "secret-of-the-tests", "region_name": "eu-central-1"}
TEXT = b"The ferry leaves at nine. A night in the cellar costs twenty euros."
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def objects():
    """The address of a pretend S3 with one bucket in it."""
    port = processes.free_port()
    process = processes.start([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)])
    address = f"http://127.0.0.1:{port}"
    try:
        assert wait_until(lambda: not processes.is_free(port), seconds=60)
        yield address
    finally:
        processes.stop(process)


@pytest.fixture
def bucket(objects, settings):
    """An empty bucket that documents are kept in; asked by a client of the test's own."""
    options = {"aws_access_key_id": KEYS["access_key"], "aws_secret_access_key": KEYS["secret_key"]}
    found = boto3.resource("s3", endpoint_url=objects, region_name=KEYS["region_name"], **options).Bucket("papers")
    found.create(CreateBucketConfiguration={"LocationConstraint": KEYS["region_name"]})
    lead_to(settings, objects)
    yield found
    found.objects.all().delete()
    found.delete()


def lead_to(settings, address):
    options = {"bucket_name": "papers", "endpoint_url": address, **KEYS}
    settings.STORAGES = {
        **settings.STORAGES, "default": {"BACKEND": "config.objects.ObjectStorage", "OPTIONS": options}
    }  # fmt: skip


def paper(name="ferry.txt"):
    return ContentFile(TEXT, name)


def kept(bucket):
    return [found.key for found in bucket.objects.all()]


def test_without_a_bucket_files_lie_in_a_folder():
    assert written.STORAGES["default"]["BACKEND"] == "django.core.files.storage.FileSystemStorage"


@pytest.mark.django_db(transaction=True)
def test_a_document_goes_from_the_bucket_into_an_answer_and_leaves_nothing_there(bucket, persona, client, settings):
    document = ingestion.ingest(ingestion.receive(persona, "", file=paper()))
    assert kept(bucket) == [document.file.name]
    assert "nine" in answering.answer(persona, "When does the ferry leave?").content
    page = client.get(f"/chat/{persona.slug}/documents/{document.pk}/file/")
    assert b"".join(page.streaming_content) == TEXT
    assert not (settings.MEDIA_ROOT / document.file.name).exists()
    document.delete()
    assert kept(bucket) == []
    assert not Removal.objects.exists()


@pytest.mark.django_db
def test_nobody_reads_an_object_without_a_key(bucket, persona):
    document = ingestion.receive(persona, "", file=paper())
    (grants,) = [grant["Grantee"] for grant in bucket.Object(document.file.name).Acl().grants]
    assert grants["Type"] == "CanonicalUser"


@pytest.mark.django_db
def test_while_the_bucket_is_away_an_upload_is_refused_in_words_and_leaves_no_row(persona, settings):
    lead_to(settings, NOWHERE)
    with pytest.raises(NotStored, match="Try again later"):
        ingestion.receive(persona, "", file=paper())
    assert not Document.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_the_bucket_is_away_a_reader_is_told_to_come_back(bucket, objects, persona, client, settings):
    document = ingestion.ingest(ingestion.receive(persona, "", file=paper()))
    lead_to(settings, NOWHERE)
    address = f"/chat/{persona.slug}/documents/{document.pk}/file/"
    away = client.get(address, headers={"Accept": "application/json"})
    assert (away.status_code, away["Retry-After"]) == (503, "60")
    lead_to(settings, objects)
    assert client.get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_document_that_waits_for_the_bucket_is_read_when_it_is_back(bucket, objects, persona, settings):
    document = ingestion.receive(persona, "", file=paper())
    lead_to(settings, NOWHERE)
    with pytest.raises(OSError, match="bucket"):
        ingestion.ingest(document)
    lead_to(settings, objects)
    assert ingestion.ingest(Document.objects.get()).status == Document.Status.READY


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_document_was_deleted_meanwhile_goes_when_the_bucket_is_back(bucket, objects, persona, settings):
    document = ingestion.receive(persona, "", file=paper())
    lead_to(settings, NOWHERE)
    document.delete()
    assert (removals.carry_out(), kept(bucket)) == (1, [document.file.name])
    lead_to(settings, objects)
    tasks.remove_waiting_files()
    assert kept(bucket) == []
    assert not Removal.objects.exists()


@pytest.mark.django_db
def test_a_file_that_is_not_in_the_bucket_is_no_file(bucket):
    with pytest.raises(FileNotFoundError):
        default_storage.open("documents/nothing.txt")
    assert not default_storage.exists("documents/nothing.txt")


def test_a_bucket_without_what_speaks_to_it_is_named_at_start(settings, monkeypatch):
    settings.S3_BUCKET = "papers"
    assert checks.the_bucket_can_be_reached(None) == []
    monkeypatch.setattr("voice.checks.find_spec", lambda name: None)
    assert [found.id for found in checks.the_bucket_can_be_reached(None)] == ["voice.E002"]
