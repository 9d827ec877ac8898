"""Lists of documents that keep themselves up to date while documents are read."""

import uuid

import pytest
from django.urls import reverse

from knowledge import claims, ingestion
from knowledge.models import Address, Document
from tests.knowledge import samples

pytestmark = pytest.mark.django_db
PROGRESS = "admin:knowledge_document_progress"


@pytest.fixture
def document(persona):
    return ingestion.receive(persona, "Fees", text="A night costs 25 euros.")


@pytest.fixture
def failed(persona, upload):
    document = ingestion.receive(persona, "", file=upload("a.pdf", samples.pdf([])))
    with pytest.raises(ingestion.UnreadableDocument):
        ingestion.ingest(document)
    return document


def state(client, *documents):
    answer = client.get(reverse(PROGRESS), {"document": [document.pk for document in documents]})
    assert "no-store" in answer["Cache-Control"]
    return answer.json()["documents"]


def test_it_is_said_how_far_a_document_is_while_it_is_read(admin_client, document):
    claims.take(document).report(40)
    assert state(admin_client, document) == [
        {"id": str(document.pk), "kind": "busy", "status": "Reading 40 %", "passages": 0, "note": "–", "busy": True, "failed": False}
    ]  # fmt: skip


def test_it_is_said_when_a_document_is_ready(admin_client, document):
    ingestion.ingest(document)
    (found,) = state(admin_client, document)
    assert (found["status"], found["passages"], found["busy"]) == ("Ready", 1, False)


def test_it_is_said_why_a_document_failed(admin_client, failed):
    (found,) = state(admin_client, failed)
    assert "scan" in found["note"]
    assert found["failed"]


def test_a_new_version_that_moved_into_its_place_is_said(admin_client, persona, teach, upload):
    teach(persona, "", file=upload("fees.txt", b"25 euros."))
    second = ingestion.receive(persona, "", file=upload("fees.txt", b"30 euros."))
    pk = second.pk
    ingestion.ingest(second)
    second.pk = pk
    assert state(admin_client, second)[0]["status"] == "In its place"


def test_many_documents_cost_as_many_queries_as_one(admin_client, persona, document, django_assert_max_num_queries):
    documents = [document, *(ingestion.receive(persona, "", text=f"Text number {number}.") for number in range(9))]
    with django_assert_max_num_queries(4):
        assert len(state(admin_client, *documents)) == 10


def test_nonsense_is_asked_for_in_vain(admin_client):
    assert admin_client.get(reverse(PROGRESS), {"document": ["1", "x' OR", ""]}).json() == {"documents": []}


def test_a_failed_document_is_tried_again_from_its_row(admin_client, failed, django_capture_on_commit_callbacks):
    Document.objects.filter(pk=failed.pk).update(file="", pasted_text="Now there is text.")
    where = reverse("admin:knowledge_document_changelist")
    retry = reverse("admin:knowledge_document_retry", args=[failed.pk])
    assert f'formaction="{retry}"' in admin_client.get(where).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(retry, headers={"Referer": f"http://testserver{where}"})
    assert answer.url == f"http://testserver{where}"
    failed.refresh_from_db()
    assert failed.status == Document.Status.READY


def test_a_document_that_has_not_failed_is_not_tried_again(admin_client, document):
    ingestion.ingest(document)
    admin_client.post(reverse("admin:knowledge_document_retry", args=[document.pk]))
    document.refresh_from_db()
    assert document.status == Document.Status.READY


def test_nobody_is_sent_away_to_another_site_after_a_try(admin_client, failed):
    retry = reverse("admin:knowledge_document_retry", args=[failed.pk])
    answer = admin_client.post(retry, headers={"Referer": "https://evil.example/"})
    assert answer.url == reverse("admin:knowledge_document_changelist")


def test_a_try_is_made_by_a_button_only(admin_client, failed):
    assert admin_client.get(reverse("admin:knowledge_document_retry", args=[failed.pk])).status_code == 403


def test_progress_and_tries_are_for_staff_with_leave(client, django_user_model, failed):
    addresses = [reverse(PROGRESS), reverse("admin:knowledge_document_retry", args=[failed.pk])]
    assert [client.get(address).status_code for address in addresses] == [302, 302]
    client.force_login(django_user_model.objects.create_user("clerk", password="x", is_staff=True))
    assert [client.post(address).status_code for address in addresses] == [403, 403]


def test_a_document_that_does_not_exist_is_not_tried(admin_client):
    assert admin_client.post(reverse("admin:knowledge_document_retry", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["admin:knowledge_document_changelist", "admin:personas_persona_change"])
def test_the_pages_with_documents_bring_the_script(admin_client, document, name):
    given = [document.persona_id] if "persona" in name else []
    page = admin_client.get(reverse(name, args=given)).content.decode()
    assert 'admin/documents.js" type="module"' in page or 'type="module" src="/static/admin/documents.js"' in page
    assert f'data-document="{document.pk}"' in page


@pytest.mark.parametrize("action", ["read_again", "look_up"])
def test_who_may_only_look_has_no_document_read_or_looked_up(clerk, failed, persona, action):
    page = ingestion.receive(persona, "Ferry", address="https://harbour.example/ferry")
    client = clerk("view_document")
    chosen = {"action": action, "_selected_action": [str(failed.pk), str(page.pk)]}
    client.post(reverse("admin:knowledge_document_changelist"), chosen)
    assert Document.objects.get(pk=failed.pk).status == "failed"
    assert Address.objects.get().due_at is None
