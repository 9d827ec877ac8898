import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from knowledge import claims, embeddings, ingestion
from knowledge.models import Document
from tests.knowledge import samples

pytestmark = pytest.mark.django_db

ADD, TRY = "admin:knowledge_add_documents", "admin:knowledge_try_question"


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """post(…) through a client, with what waits for the commit done after."""

    def post(client, address, data):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, data, follow=True)

    return post


def said(response):
    return " ".join(str(message) for message in response.context["messages"])


def test_many_files_and_a_text_come_in_at_once(admin_client, persona, upload, commit):
    files = [upload("fees.txt", b"A night costs 25 euros."), upload("fees.docx", samples.word())]
    response = commit(admin_client, reverse(ADD, args=[persona.pk]), {"files": files, "text": "Quiet after ten."})
    assert "3 documents are waiting" in said(response)
    assert sorted(persona.documents.values_list("kind", "status")) == [
        ("docx", "ready"),
        ("txt", "ready"),
        ("txt", "ready"),
    ]


def test_a_file_that_is_refused_keeps_no_other_back(admin_client, persona, upload, commit):
    files = [upload("fees.txt", b"A night costs 25 euros."), upload("virus.exe", b"MZ"), upload("empty.txt", b"")]
    response = commit(admin_client, reverse(ADD, args=[persona.pk]), {"files": files})
    assert "1 document is waiting" in said(response)
    assert "virus.exe" in said(response)
    assert "The file is empty" in said(response)
    assert persona.documents.count() == 1


def test_what_was_given_stands_on_top_of_the_page_that_follows(admin_client, persona, upload, commit):
    commit(admin_client, reverse(ADD, args=[persona.pk]), {"files": [upload("fees.txt", b"25 euros.")]})
    response = commit(admin_client, reverse(ADD, args=[persona.pk]), {"files": [upload("zoo.txt", b"Ten lions.")]})
    assert [document.title for document in response.context["cl"].result_list] == ["Zoo", "Fees"]


def test_who_may_not_see_documents_is_led_to_the_persona(client, persona, upload):
    user = User.objects.create_user("eve", is_staff=True)
    names = ["add_document", "change_persona", "view_persona"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    response = client.post(reverse(ADD, args=[persona.pk]), {"files": [upload("fees.txt", b"25 euros.")]})
    assert response.url == reverse("admin:personas_persona_change", args=[persona.pk])


def test_a_refusal_names_its_file_once(admin_client, persona, upload, commit):
    response = commit(admin_client, reverse(ADD, args=[persona.pk]), {"files": [upload("virus.exe", b"MZ")]})
    assert said(response).startswith("“virus.exe”: Files of this kind cannot be read.")
    assert said(response).count("virus.exe") == 1


def test_a_documents_file_comes_back_under_its_own_name_as_a_download(admin_client, persona, upload):
    document = ingestion.receive(persona, "", file=upload("fees.html", b"<p>25 euros.</p>"))
    page = admin_client.get(reverse("admin:knowledge_document_change", args=[document.pk])).content.decode()
    address = reverse("admin:knowledge_document_file", args=[document.pk])
    assert f'<a href="{address}">fees.html</a>' in page
    response = admin_client.get(address)
    assert b"".join(response.streaming_content) == b"<p>25 euros.</p>"
    assert response["Content-Disposition"] == 'attachment; filename="fees.html"'


def test_a_file_is_only_for_who_may_see_documents(client, persona, upload):
    document = ingestion.receive(persona, "", file=upload("fees.txt", b"25 euros."))
    client.force_login(User.objects.create_user("eve", is_staff=True))
    assert client.get(reverse("admin:knowledge_document_file", args=[document.pk])).status_code == 403


def test_a_text_that_was_pasted_has_no_file(admin_client, harbour):
    document = ingestion.receive(harbour, "Pasted", text="Ten lions.")
    assert admin_client.get(reverse("admin:knowledge_document_file", args=[document.pk])).status_code == 404


def test_the_same_file_twice_is_said(admin_client, persona, upload, commit):
    for _ in range(2):
        response = commit(admin_client, reverse(ADD, args=[persona.pk]), {"files": [upload("fees.txt", b"25 euros.")]})
    assert "is there already" in said(response)


def test_nothing_at_all_is_asked_for_again(admin_client, persona):
    page = admin_client.post(reverse(ADD, args=[persona.pk]), {"text": "  "})
    assert "Choose at least one file, give a web address, or paste a text." in page.content.decode()


def test_documents_can_be_added_from_their_own_list_too(admin_client, persona, commit):
    commit(admin_client, reverse("admin:knowledge_document_add"), {"persona": persona.pk, "text": "Quiet after ten."})
    assert persona.documents.get().title == "Quiet after ten."


def test_the_page_of_a_persona_shows_its_documents_without_a_query_for_each(
    admin_client, persona, teach, django_assert_max_num_queries
):
    for number in range(12):
        teach(persona, f"Document {number}", f"Text number {number} about boats.")
    with django_assert_max_num_queries(25):
        page = admin_client.get(reverse("admin:personas_persona_change", args=[persona.pk])).content.decode()
    assert "Document 11" in page
    assert "badge-good" in page
    assert reverse(ADD, args=[persona.pk]) in page
    assert reverse(TRY, args=[persona.pk]) in page


@pytest.mark.parametrize("address", ["admin:knowledge_document_changelist", "admin:personas_persona_changelist"])
def test_a_list_costs_the_same_however_long_it_is(admin_client, persona, teach, address):
    def count():
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(reverse(address))
        return len(queries)

    teach(persona, "First", "The first text.")
    few = count()
    for number in range(8):
        teach(persona, f"Document {number}", f"Text number {number} about boats.")
    assert count() == few


def test_a_failed_document_says_why_and_can_be_read_again(admin_client, persona, upload, commit):
    document = ingestion.receive(persona, "", file=upload("a.pdf", samples.pdf([])))
    with pytest.raises(ingestion.UnreadableDocument):
        ingestion.ingest(document)
    listed = admin_client.get(reverse("admin:knowledge_document_changelist")).content.decode()
    assert "it is a scan" in listed
    data = {"action": "read_again", "_selected_action": [str(document.pk)]}
    response = commit(admin_client, reverse("admin:knowledge_document_changelist"), data)
    assert "1 document is waiting to be read again." in said(response)
    document.refresh_from_db()
    assert document.status == Document.Status.FAILED


def test_a_document_that_is_being_read_is_left_alone(admin_client, persona, commit):
    document = ingestion.receive(persona, "One", text="The first text.")
    claims.take(document)
    data = {"action": "read_again", "_selected_action": [str(document.pk)]}
    response = commit(admin_client, reverse("admin:knowledge_document_changelist"), data)
    assert "left alone" in said(response)


def test_a_document_shows_its_passages_with_page_and_heading(admin_client, persona, teach, upload):
    data = samples.pdf(["Mooring", "Boats lie at the long quay."], outline=[("Mooring", 0, 0)])
    document = teach(persona, "Handbook", file=upload("handbook.pdf", data))
    page = admin_client.get(reverse("admin:knowledge_document_change", args=[document.pk])).content.decode()
    assert "Boats lie at the long quay." in page
    assert "Mooring</td>" in page


def test_a_new_title_stands_on_the_next_citation(admin_client, harbour, commit):
    document = harbour.documents.get(title="Bridge")
    commit(admin_client, reverse("admin:knowledge_document_change", args=[document.pk]), {"title": "The swing bridge"})
    page = admin_client.get(reverse(TRY, args=[harbour.pk]), {"question": "When does the swing bridge open?"})
    assert "The swing bridge</a>" in page.content.decode()


def test_deleting_says_how_much_goes_not_every_passage(admin_client, harbour, commit):
    document = harbour.documents.get(title="Bridge")
    page = admin_client.get(reverse("admin:knowledge_document_delete", args=[document.pk])).content.decode()
    assert "Bridge, with 1 passage" in page
    commit(admin_client, reverse("admin:knowledge_document_delete", args=[document.pk]), {"post": "yes"})
    assert not Document.objects.filter(pk=document.pk).exists()


def test_a_question_is_tried_with_scores_reasons_and_times(admin_client, harbour):
    address = reverse(TRY, args=[harbour.pk])
    page = admin_client.get(address, {"question": "What does a night cost?"}).content.decode()
    for expected in ("A night costs 25 euros", "the same words", "In it: night, cost", "search", "Berths"):
        assert expected in page


def test_a_question_without_an_answer_says_why(admin_client, harbour):
    address = reverse(TRY, args=[harbour.pk])
    page = admin_client.get(address, {"question": "Who wrote the opera about Figaro?"}).content.decode()
    assert "too thin" in page
    assert "No answer" in page


def test_a_missing_model_is_said_where_staff_look(admin_client, persona, no_model):
    for address in (reverse("admin:knowledge_document_changelist"), reverse(TRY, args=[persona.pk])):
        assert "words alone" in admin_client.get(address).content.decode()
    assert not embeddings.status().ready


def test_titles_and_passages_are_shown_as_text_never_as_markup(admin_client, persona, teach):
    teach(persona, "<script>alert(1)</script>", "The harbour <img src=x onerror=alert(1)> is open.")
    address = reverse(TRY, args=[persona.pk])
    page = admin_client.get(address, {"question": "Is the harbour open?"}).content.decode()
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


@pytest.mark.parametrize("name", [ADD, TRY])
def test_the_pages_are_closed_to_everybody_else(client, admin_client, persona, django_user_model, name):
    address = reverse(name, args=[persona.pk])
    assert client.get(address).status_code == 302
    clerk = django_user_model.objects.create_user("clerk", password="x", is_staff=True)
    client.force_login(clerk)
    assert client.get(address).status_code == 403
    assert admin_client.get(reverse(name, args=["00000000-0000-0000-0000-000000000000"])).status_code == 404


@pytest.mark.parametrize("name", [ADD, TRY])
def test_the_pages_hold_no_inline_script_or_style(admin_client, harbour, name):
    page = admin_client.get(reverse(name, args=[harbour.pk]), {"question": "What does a night cost?"}).content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "onclick=" not in page


def test_a_question_that_leans_on_an_earlier_one_is_tried_with_its_topic(admin_client, harbour):
    query = {"question": "And in winter?", "earlier": "What does a night in a berth cost?"}
    page = admin_client.get(reverse(TRY, args=[harbour.pk]), query).content.decode()
    assert "Looked up with its topic" in page
    assert "In winter the price falls to 16 euros" in page


def test_a_documents_history_is_told_with_its_personas(admin_client, harbour):
    document = harbour.documents.first()
    answer = admin_client.get(reverse("admin:knowledge_document_history", args=[document.pk]))
    assert answer.url == reverse("admin:personas_persona_history", args=[harbour.pk])
    assert admin_client.get(answer.url).status_code == 200
