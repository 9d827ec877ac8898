"""A persona as one file: what goes with it, what does not, and how it comes in."""

import json

import pytest
from django.core.files.base import ContentFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge import archives, ingestion
from knowledge.answering import answer
from knowledge.archives import contents
from knowledge.models import Document
from personas import story
from personas.languages import LANGUAGES
from personas.models import Persona, StarterQuestion
from tests.knowledge.packing import QUESTION, packed, picture, sheet

pytestmark = pytest.mark.django_db


def test_the_same_persona_is_the_same_file_byte_for_byte(whole):
    assert packed(whole).getvalue() == packed(Persona.objects.get(pk=whole.pk)).getvalue()


def test_an_archive_holds_no_id_no_agent_and_nothing_a_visitor_said(whole):
    text = json.dumps(sheet(packed(whole)))
    for secret in (str(whole.pk), str(whole.documents.first().pk), "agent", "conversation", "created_at", "published"):
        assert secret not in text


def test_what_was_exported_comes_in_whole_as_a_draft(whole):
    before = sheet(packed(whole))
    made = archives.unpack(packed(whole), slug="second")
    assert made.status == Persona.Status.DRAFT
    assert (made.name, made.voice_id, made.extra_languages) == ("Maren", "voice-1", ["de"])
    assert made.avatar.read() == picture()
    after = sheet(packed(made))
    assert after["persona"].pop("slug") == "second"
    before["persona"].pop("slug")
    assert after == before


def test_imported_documents_wait_to_be_read_and_then_answer(whole):
    made = archives.unpack(packed(whole))
    assert set(made.documents.values_list("status", flat=True)) == {"waiting"}
    for document in made.documents.all():
        ingestion.ingest(document)
    assert answer(made, QUESTION).citations[0].document == "Berths"


def test_a_title_that_staff_gave_comes_in_as_they_gave_it(persona, teach):
    document = teach(persona, "Fees", "A night costs 25 euros.")
    Document.objects.filter(pk=document.pk).update(title="Fees  and   charges")
    assert archives.unpack(packed(persona)).documents.get().title == "Fees  and   charges"


@pytest.fixture
def page(persona):
    """A web page that was fetched, and answers in the place of an older text."""
    page = ingestion.receive(persona, "Timetable", address="https://harbour.example/ferry", every="weekly")
    page.file.save("x.html", ContentFile(b"<html><p>The ferry sails at nine.</p></html>"), save=False)
    page.sha256 = "5" * 64
    page.save()
    old = ingestion.receive(persona, "Old timetable", text="The ferry sails at eight.")
    old.superseded_by = page
    old.save()
    return page


def test_a_web_page_goes_with_what_stood_there_and_how_often_it_is_fetched(persona, page):
    made = archives.unpack(packed(persona))
    address = made.documents.get(title="Timetable").address
    assert (address.url, address.every) == ("https://harbour.example/ferry", "weekly")
    assert address.document.file.read() == b"<html><p>The ferry sails at nine.</p></html>"
    assert sheet(packed(made))["documents"] == sheet(packed(persona))["documents"]


def test_a_web_page_that_was_never_fetched_goes_as_its_address(persona):
    ingestion.receive(persona, "Timetable", address="https://harbour.example/ferry")
    made = archives.unpack(packed(persona))
    document = made.documents.get()
    assert (document.address.url, bool(document.file), document.status) == (
        "https://harbour.example/ferry",
        False,
        "waiting",
    )


def test_what_no_longer_answers_does_not_after_the_import_either(persona, page):
    made = archives.unpack(packed(persona))
    assert made.documents.get(title="Old timetable").superseded_by == made.documents.get(title="Timetable")


def test_a_new_version_that_is_still_being_read_is_left_out(persona, page):
    Document.objects.create(persona=persona, title="Timetable", replaces=page, sha256="6" * 64)
    assert len(sheet(packed(persona))["documents"]) == 2
    assert archives.copy(persona).documents.count() == 2


def test_a_title_that_the_document_gave_itself_may_change_with_it(persona, upload):
    ingestion.receive(persona, file=upload("fees.txt", b"A night costs 25 euros."))
    assert archives.unpack(packed(persona)).documents.get().named is False


def test_a_taken_address_gives_a_free_one(whole):
    assert archives.unpack(packed(whole)).slug == "maren-2"
    assert archives.unpack(packed(whole)).slug == "maren-3"


def test_an_address_asked_for_that_is_taken_is_refused_with_a_free_one(whole):
    with pytest.raises(archives.BadArchive, match="“maren-2” is free"):
        archives.unpack(packed(whole), slug="maren")


@pytest.mark.parametrize("slug", ["Not a slug", "../x", "ü" * 3])
def test_an_address_that_can_be_none_is_refused(whole, slug):
    with pytest.raises(archives.BadArchive, match="can be no address"):
        archives.unpack(packed(whole), slug=slug)


def test_an_import_is_told_in_the_history(whole):
    made = archives.unpack(ContentFile(packed(whole).getvalue(), name="/tmp/maren.zip"))
    assert story.entries(made)[-1].why == "Imported from maren.zip"


def test_a_document_whose_file_is_gone_is_named_and_nothing_is_exported(whole):
    document = whole.documents.exclude(file="").get()
    document.file.storage.delete(document.file.name)
    with pytest.raises(archives.CannotBePacked, match="Handbook"):
        packed(whole)


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0{")
TEXTS = {
    field.name: st.text(CHARACTERS, max_size=min(field.max_length or 300, 300))
    for field in contents.fields(Persona)
    if field.name in ("tagline", "description", "instructions", "first_message", "spoken_style", "written_style")
}
FIELDS = st.fixed_dictionaries(
    {
        "name": st.text(CHARACTERS, min_size=1, max_size=80).filter(str.strip),
        "fallback_message": st.text(CHARACTERS, min_size=1, max_size=300).filter(str.strip),
        "strictness": st.sampled_from(Persona.Strictness.values),
        "language": st.sampled_from([code for code, _ in LANGUAGES]),
        "extra_languages": st.lists(st.sampled_from([code for code, _ in LANGUAGES]), max_size=4),
        "stability": st.floats(0, 1),
        "similarity_boost": st.floats(0, 1),
        "speed": st.floats(0.7, 1.2),
        **TEXTS,
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=FIELDS, questions=st.lists(st.text(CHARACTERS, min_size=1, max_size=140).filter(str.strip), max_size=3))
def test_out_and_in_again_is_the_same_whatever_staff_wrote(persona, fields, questions):
    Persona.objects.filter(pk=persona.pk).update(**fields)
    persona.refresh_from_db()
    persona.starter_questions.all().delete()
    for position, text in enumerate(questions):
        StarterQuestion.objects.create(persona=persona, text=text, position=position)
    made = archives.unpack(packed(persona))
    one, other = sheet(packed(persona)), sheet(packed(made))
    assert one["persona"].pop("slug") != other["persona"].pop("slug")
    assert one == other


def test_every_field_that_staff_fill_in_goes_with_the_persona():
    left = {field.name for field in Persona._meta.concrete_fields if field.editable} - {
        field.name for field in contents.fields(Persona)
    }
    assert left == {"status", "avatar"}
