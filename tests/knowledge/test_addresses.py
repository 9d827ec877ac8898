"""Documents on the web: fetched by the worker, looked up again when they are due, and never lost over a failure."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from knowledge import addresses, ingestion, network, tasks
from knowledge.models import Address, Document, Passage
from knowledge.reading import UnreadableDocument
from tests.knowledge import samples, web

pytestmark = pytest.mark.django_db
URL = "http://www.example.org/ferry"
PAGE = "<html><head><title>{}</title></head><body><main><h1>Ferry</h1><p>{}</p></main><!-- {} --></body></html>"


def page(said, title="The ferry", unseen="", **headers):
    return web.text(PAGE.format(title, said, unseen), **headers)


@pytest.fixture
def site(monkeypatch):
    with web.serve({"/ferry": page("The ferry sails at nine.")}) as server:
        server.web = web.Web(server.server_port)
        monkeypatch.setattr(network, "internet", server.web)
        yield server


@pytest.fixture
def address(persona, site):
    """The address of a page that was read and is looked up every day."""
    document = ingestion.receive(persona, address=URL, every=Address.Every.DAILY)
    ingestion.ingest(document)
    return Address.objects.get(document=document)


def look_up(address):
    """Look it up as the worker does when it is due. Returns it as it is then."""
    Address.objects.filter(pk=address.pk).update(due_at=timezone.now())
    tasks.look_up_address(address.pk)
    address.refresh_from_db()
    return Address.objects.get(pk=address.pk)


def texts(persona):
    return [passage.text for passage in Passage.objects.known_to(persona)]


def test_a_page_is_fetched_by_the_worker_never_in_the_request(
    admin_client, persona, site, django_capture_on_commit_callbacks
):
    add = reverse("admin:knowledge_add_documents", args=[persona.pk])
    with django_capture_on_commit_callbacks() as waiting:
        admin_client.post(add, {"address": "www.example.org/ferry", "every": "weekly"})
    document = persona.documents.get()
    assert (document.status, site.asked) == (Document.Status.WAITING, [])
    assert document.address.url == "https://www.example.org/ferry"
    Address.objects.update(url=URL)
    for callback in waiting:
        callback()
    document.refresh_from_db()
    assert (document.status, document.title) == (Document.Status.READY, "The ferry")
    assert texts(persona) == ["The ferry sails at nine."]
    assert document.address.due_at > timezone.now() + timedelta(days=6)


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/latest", "https://localhost/", "file:///etc/passwd", "https://a:b@example.org/"]
)
def test_an_address_that_will_never_be_read_is_refused_on_the_form(admin_client, persona, url):
    answer = admin_client.post(reverse("admin:knowledge_add_documents", args=[persona.pk]), {"address": url})
    assert answer.context["form"].errors["address"]
    assert not persona.documents.exists()


def test_the_same_address_twice_is_recognised(persona, address):
    with pytest.raises(ingestion.AlreadyKnown) as known:
        ingestion.receive(persona, address="http://www.EXAMPLE.org:80/ferry#top")
    assert known.value.document == address.document


def test_a_page_that_is_not_there_fails_with_its_reason_and_is_fetched_anew_on_another_try(persona, site):
    site.pages["/ferry"] = {":status": "404"}, b""
    document = ingestion.receive(persona, address=URL)
    with pytest.raises(UnreadableDocument, match="404"):
        ingestion.ingest(document)
    document.refresh_from_db()
    assert document.status == Document.Status.FAILED
    site.pages["/ferry"] = page("The ferry sails at ten.")
    again = ingestion.receive(persona, address=URL)
    assert ingestion.ingest(again).pk == document.pk
    assert texts(persona) == ["The ferry sails at ten."]


def test_a_page_that_could_not_be_read_is_fetched_anew_on_another_try(persona, site):
    site.pages["/ferry"] = web.text("<p> … </p>")
    document = ingestion.receive(persona, address=URL)
    with pytest.raises(UnreadableDocument):
        ingestion.ingest(document)
    site.pages["/ferry"] = page("The ferry sails at ten.")
    assert ingestion.ingest(ingestion.receive(persona, address=URL)).text.endswith("at ten.")


def test_a_page_that_only_a_script_would_draw_says_what_to_do(persona, site):
    site.pages["/ferry"] = web.text("<div id=app></div><script>draw()</script>")
    with pytest.raises(UnreadableDocument, match="a script draws it. Save it in a browser"):
        ingestion.ingest(ingestion.receive(persona, address=URL))


def test_a_page_of_content_that_is_there_already_is_said(persona, site, teach, upload):
    site.pages["/ferry"] = web.text("At nine.", "text/plain")
    teach(persona, "Times", file=upload("times.txt", b"At nine."))
    with pytest.raises(UnreadableDocument, match="same content as “Times”"):
        ingestion.ingest(ingestion.receive(persona, address=URL))


def test_what_has_not_changed_is_asked_for_but_not_sent_again(address, site, persona):
    etag = {"etag": '"one"'}
    site.pages["/ferry"] = page("The ferry sails at ten.", **etag)
    look_up(address)
    site.pages["/ferry"] = lambda handler: (handler.send_response(304), handler.end_headers())
    ids = list(persona.passages.values_list("pk", flat=True))
    after = look_up(address)
    assert site.asked[-1].headers["If-None-Match"] == '"one"'
    assert (after.outcome, after.failures) == ("Unchanged.", 0)
    assert list(persona.passages.values_list("pk", flat=True)) == ids


def test_other_bytes_that_say_the_same_are_not_read_into_passages_again(address, site, persona):
    ids = list(persona.passages.values_list("pk", flat=True))
    site.pages["/ferry"] = page("The ferry sails at nine.", unseen="another token")
    assert look_up(address).outcome == "Unchanged."
    assert list(persona.passages.values_list("pk", flat=True)) == ids
    assert Document.objects.count() == 1


def test_what_has_changed_takes_the_place_of_what_was_there(address, site, persona):
    site.pages["/ferry"] = page("The ferry sails at ten.", title="New times")
    after = look_up(address)
    assert after.outcome == addresses.CHANGED
    document = Document.objects.get()
    assert (document.pk, document.title) == (address.document_id, "New times")
    assert texts(persona) == ["The ferry sails at ten."]
    assert timezone.now() + timedelta(hours=23) < after.due_at < timezone.now() + timedelta(hours=25)


def test_what_was_read_before_answers_until_the_new_version_was_read(address, site, persona, monkeypatch):
    seen = []
    split = ingestion.splitting.split
    monkeypatch.setattr(ingestion.splitting, "split", lambda *given: seen.append(texts(persona)) or split(*given))
    site.pages["/ferry"] = page("The ferry sails at ten.")
    look_up(address)
    assert seen == [["The ferry sails at nine."]]


@pytest.mark.parametrize(
    ("broken", "word"),
    [(({":status": "500"}, b""), "500"), (web.text("<p> … </p>"), "no text"), (web.passing_on("http://127.0.0.1/"), "private"),
     (({"Content-Type": "application/pdf"}, b"%PDF-1.7 no"), "damaged"), (({"Content-Type": "image/png"}, b"x"), "image/png")],
)  # fmt: skip
def test_a_failure_keeps_what_was_read_says_why_and_waits_before_the_next_try(address, site, persona, broken, word):
    site.pages["/ferry"] = broken
    after = look_up(address)
    document = Document.objects.get()
    assert (document.status, document.problem) == (Document.Status.READY, "")
    assert word in after.outcome
    assert texts(persona) == ["The ferry sails at nine."]
    assert after.due_at < timezone.now() + timedelta(hours=2)
    third = look_up(look_up(address))
    assert third.failures == 3
    assert timezone.now() + timedelta(hours=3) < third.due_at < timezone.now() + timedelta(hours=5)
    site.pages["/ferry"] = page("The ferry sails at ten.")
    assert look_up(address).failures == 0
    assert texts(persona) == ["The ferry sails at ten."]


def test_a_new_version_whose_worker_died_is_taken_up_by_the_sweep(address, site, persona, monkeypatch):
    site.pages["/ferry"] = page("The ferry sails at ten.")
    with monkeypatch.context() as dying:
        dying.setattr(addresses.ingestion, "ingest", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            look_up(address)
    assert texts(persona) == ["The ferry sails at nine."]
    aside = Document.objects.get(replaces=address.document)
    tasks.read_document(str(aside.pk))
    assert [document.pk for document in Document.objects.all()] == [address.document_id]
    assert texts(persona) == ["The ferry sails at ten."]


def test_a_new_version_that_was_given_up_makes_room_for_the_next(address, site, persona):
    site.pages["/ferry"] = page("The ferry sails at ten.")
    Document.objects.create(persona=persona, title="x", kind="html", status="failed", replaces=address.document)
    assert look_up(address).outcome == addresses.CHANGED
    assert Document.objects.count() == 1


def test_while_a_new_version_is_being_read_no_other_is_fetched(address, site, persona):
    aside = Document.objects.create(persona=persona, title="x", kind="html", replaces=address.document)
    asked = len(site.asked)
    look_up(address)
    assert len(site.asked) == asked
    assert Document.objects.filter(pk=aside.pk).exists()


def test_only_what_is_due_is_looked_up_and_once(address, site):
    asked = len(site.asked)
    tasks.look_up_due_addresses()
    assert len(site.asked) == asked
    Address.objects.update(due_at=timezone.now())
    tasks.look_up_due_addresses()
    tasks.look_up_due_addresses()
    assert len(site.asked) == asked + 1


def test_an_address_is_looked_up_when_staff_ask_for_it(admin_client, address, site, django_capture_on_commit_callbacks):
    site.pages["/ferry"] = page("The ferry sails at ten.")
    data = {"action": "look_up", "_selected_action": [str(address.document_id)]}
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin_client.post(reverse("admin:knowledge_document_changelist"), data, follow=True)
    assert "1 document is being looked up on the web." in answer.content.decode()
    assert Document.objects.get().text.endswith("at ten.")


def test_the_page_of_a_document_says_where_it_stands_and_how_often_it_is_looked_up(admin_client, address):
    where = reverse("admin:knowledge_document_change", args=[address.document_id])
    assert URL in admin_client.get(where).content.decode()
    form = {"title": "Ferry", "address-TOTAL_FORMS": 1, "address-INITIAL_FORMS": 1, "address-0-id": address.pk,
            "address-0-document": address.document_id, "address-0-every": "never"}  # fmt: skip
    admin_client.post(where, form)
    address.refresh_from_db()
    assert (address.every, address.due_at) == ("never", None)


def test_a_document_of_any_format_is_read_from_its_address(persona, site):
    data = samples.pdf(["A night costs 25 euros in summer."], title="Fees")
    site.pages["/ferry"] = {"Content-Type": "application/pdf"}, data
    document = ingestion.ingest(ingestion.receive(persona, address=URL))
    assert (document.kind, document.title, document.pages) == ("pdf", "Fees", 1)


def test_deleting_a_document_ends_its_looking_up(address):
    address.document.delete()
    assert not Address.objects.exists()


@pytest.mark.parametrize("value", ["a\0b", "a\r\n b", "\xff\xfe", "x" * 300])
def test_a_sign_of_the_version_that_cannot_be_kept_is_left_out(persona, site, value):
    site.pages["/ferry"] = web.text("<p>The ferry sails at nine.</p>", etag=value, last_modified=value)
    document = ingestion.ingest(ingestion.receive(persona, address=URL))
    assert document.status == "ready"
    assert (document.address.etag, document.address.last_modified) == ("", "")


@pytest.mark.parametrize("header", ["Content-Type", "Content-Encoding"])
def test_a_header_that_no_database_takes_is_refused_like_any_other(persona, site, header):
    site.pages["/ferry"] = {"Content-Type": "text/html", header: "image/\0"}, b"text"
    document = ingestion.receive(persona, address=URL)
    with pytest.raises(ingestion.UnreadableDocument):
        ingestion.ingest(document)
    assert Document.objects.get().status == "failed"


def test_the_title_made_of_an_address_hides_nothing(persona, site):
    document = ingestion.receive(persona, address="http://www.example.org/fees%00%0A%E2%80%AEgpj.exe")
    assert document.title == "www.example.org/fees gpj.exe"
