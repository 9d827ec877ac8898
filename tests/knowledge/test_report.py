"""Most cited and never cited documents, for a period, as a page and as CSV."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from knowledge import answering, usage
from knowledge.models import Document

pytestmark = pytest.mark.django_db
REPORT = "/admin/knowledge/document/cited/"


@pytest.fixture
def ask():
    """Ask and note: ask(persona, question, days=ago)."""

    def ask(persona, question, days=0):
        said = answering.answer(persona, question)
        citations = [citation.as_json() for citation in said.citations]
        at = timezone.now() - timedelta(days=days)
        usage.note([usage.Note(persona.pk, question, "spoken", said.found, said.reason, citations, at=at)])

    return ask


@pytest.fixture
def table(admin_client):
    """The CSV as rows: table(**query)."""

    def table(**query):
        text = admin_client.get(REPORT, {"format": "csv", **query}).content.decode("utf-8-sig")
        return {row["document"]: row for row in csv.DictReader(io.StringIO(text))}

    return table


def test_documents_are_counted_by_the_questions_that_cited_them(table, harbour, ask):
    for question in ("What does a night cost?", "What does a night cost in winter?", "When does the ferry sail?"):
        ask(harbour, question)
    rows = table()
    assert [rows[title]["questions"] for title in ("Berths", "Ferry", "Bridge")] == ["2", "1", "0"]
    assert list(rows)[0] == "Berths"
    assert rows["Bridge"]["last_cited"] == ""


def test_a_period_counts_what_was_asked_in_it_and_still_says_when_it_was_last(table, harbour, ask):
    ask(harbour, "What does a night cost?", days=40)
    assert table(period="30")["Berths"]["questions"] == "0"
    assert table(period="30")["Berths"]["last_cited"]
    assert table(period="90")["Berths"]["questions"] == "1"
    assert table(period="all")["Berths"]["questions"] == "1"


def test_the_page_names_the_never_cited_ones_and_the_share_that_was_answered(admin_client, harbour, ask):
    ask(harbour, "What does a night cost?")
    ask(harbour, "Who wrote the opera about Figaro?")
    page = admin_client.get(REPORT).content.decode()
    assert "Never cited (2)" in page
    assert "1 (50 %)" in page
    assert " style=" not in page


def test_one_persona_is_shown_alone(table, harbour, other, teach):
    teach(other, "Tools", "A spanner turns nuts.")
    assert set(table(persona=other.pk)) == {"Tools"}


def test_without_documents_the_page_says_so(admin_client, db):
    page = admin_client.get(REPORT).content.decode()
    assert "No document was cited in this time" in page
    assert "There is no document that is ready." in page


def test_documents_that_answer_nothing_are_left_out(table, harbour):
    Document.objects.create(persona=harbour, title="Waiting", kind="txt")
    retired = harbour.documents.get(title="Bridge")
    Document.objects.filter(pk=retired.pk).update(superseded_by=harbour.documents.get(title="Ferry"))
    assert set(table()) == {"Berths", "Ferry"}


@pytest.mark.parametrize("query", [{"period": "-5"}, {"period": "x"}, {"persona": "nobody"}, {"persona": "\x00"}])
def test_a_strange_address_shows_the_form_again(admin_client, harbour, query):
    assert admin_client.get(REPORT, query).status_code == 200


def test_no_title_becomes_a_formula_in_the_file(admin_client, persona, teach):
    teach(persona, "=1+1", "A spanner turns nuts.")
    assert ",'=1+1," in admin_client.get(REPORT, {"format": "csv"}).content.decode()


def test_the_page_costs_the_same_however_many_documents_there_are(admin_client, persona, teach):
    def count():
        with CaptureQueriesContext(connection) as queries:
            admin_client.get(REPORT)
        return len(queries)

    teach(persona, "First", "The first text.")
    few = count()
    for number in range(6):
        teach(persona, f"Document {number}", f"Text number {number} about boats.")
    assert count() == few


def test_the_page_is_closed_to_who_may_not_see_documents(clerk, harbour):
    assert clerk("view_persona").get(REPORT).status_code == 403


def test_the_list_of_documents_leads_to_it(admin_client, harbour):
    assert REPORT in admin_client.get(reverse("admin:knowledge_document_changelist")).content.decode()
