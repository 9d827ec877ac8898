"""The pages staff keep knowledge good with: for the eye, the keyboard and the screen reader, large and small."""

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from knowledge import answering, claims, gaps, golden, ingestion, usage
from knowledge.models import Gap, GoldenQuestion, GoldenRun
from personas.models import Persona
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = [QUESTION, "Where is the pharmacy?", "What does a night at the pier cost?"]


@pytest.fixture
def worse(persona):
    """A draft whose last golden run was worse than the one before, with a gap and some citations."""
    for text in ASKED:
        GoldenQuestion.objects.create(persona=persona, question=text, expects_nothing="pharmacy" in text)
    for text in ASKED:
        said = answering.answer(persona, text)
        citations = [citation.as_json() for citation in said.citations]
        usage.note([usage.Note(persona.pk, text, "typed", said.found, said.reason, citations)])
    gaps.gather()
    golden.run(persona, GoldenRun.Cause.DEMAND)
    ingestion.forget(persona.documents.get(title="Island Timetable"))
    golden.run(persona, GoldenRun.Cause.CHANGE)
    Persona.objects.filter(pk=persona.pk).update(status="draft")
    return persona


def pages_of(persona):
    own, document = f"/admin/personas/persona/{persona.pk}", persona.documents.get().pk
    return [
        f"{own}/golden/",
        f"{own}/golden/runs/{GoldenRun.objects.first().pk}/",
        f"{own}/golden/import/",
        f"{own}/try/?question=What+does+a+night+cost",
        f"/admin/knowledge/gap/{Gap.objects.get().pk}/change/",
        f"/admin/knowledge/gap/{Gap.objects.get().pk}/fill/",
        f"/admin/knowledge/document/{document}/change/?inside=lamp",
        "/admin/knowledge/document/cited/",
    ]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_fits_and_keeps_to_the_policy(staff, worse, viewport):
    page = staff("/admin/", viewport=viewport)
    for address in pages_of(worse):
        page.goto(address)
        assert not is_wider_than_the_screen(page), address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing(staff, worse, viewport, scheme):
    page, found = staff("/admin/", viewport=viewport, color_scheme=scheme), {}
    page.watch.expect("style-src")  # axe's own style
    for address in pages_of(worse):
        page.goto(address)
        found[address] = complaints(page)
    assert not any(found.values()), found


def test_a_worse_run_is_accepted_and_the_persona_published_by_keyboard_alone(staff, worse):
    page = staff("/admin/personas/persona/")
    page.get_by_role("checkbox", name="Select this object for an action").focus()
    page.keyboard.press("Space")
    page.locator("select[name=action]").select_option("publish")
    page.get_by_role("button", name="Go", exact=False).first.press("Enter")
    page.get_by_role("link", name="See what is in the way.").press("Enter")
    page.get_by_label("Why it may be worse").focus()
    page.keyboard.type("The ferry is in dock.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Accepted. Later runs are measured against this one.")).to_be_visible()
    page.goto("/admin/personas/persona/")
    page.get_by_role("checkbox", name="Select this object for an action").check()
    page.locator("select[name=action]").select_option("publish")
    page.get_by_role("button", name="Go", exact=False).first.press("Enter")
    expect(page.get_by_text("1 persona published.")).to_be_visible()


def test_a_question_asked_in_vain_is_answered_from_its_page(staff, worse):
    page = staff("/admin/knowledge/gap/")
    page.get_by_role("link", name="Where is the pharmacy?").click()
    page.get_by_role("link", name="Add to knowledge").click()
    page.get_by_label("Text").fill("Where is the pharmacy?\n\nThe pharmacy is in Mill Street.")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("It is being read.", exact=False)).to_be_visible()
    ingestion.ingest(worse.documents.get(title="Where is the pharmacy?"))
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_text("It is closed.", exact=False)).to_be_visible()


def test_a_list_of_documents_keeps_itself_up_to_date_while_they_are_read(staff, persona):
    waiting = ingestion.receive(persona, "Prices", text="A night costs 25 euros.")
    bad = ingestion.receive(persona, "Broken", file=ContentFile(bytes(range(256)) * 40, name="broken.txt"))
    page = staff(f"/admin/personas/persona/{persona.pk}/change/")
    row = page.get_by_role("row").filter(has_text="Prices")
    claims.take(waiting).report(60)
    expect(row.get_by_text("Reading 60 %")).to_be_visible()
    claims.release(waiting)
    ingestion.ingest(waiting)
    expect(row.get_by_text("Ready", exact=True)).to_be_visible()
    expect(row.locator(".field-passage_count")).to_have_text("1")
    expect(page.get_by_role("status")).to_contain_text("Prices: Ready.")
    with pytest.raises(ingestion.UnreadableDocument):
        ingestion.ingest(bad)
    row = page.get_by_role("row").filter(has_text="Broken")
    expect(row.get_by_text("This is not text", exact=False)).to_be_visible()
    row.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("“Broken” is waiting to be read again.")).to_be_visible()


def test_a_page_on_which_nothing_is_read_asks_nothing(staff, persona):
    page, asked = staff("/admin/"), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/admin/knowledge/document/")
    page.wait_for_timeout(2_500)
    assert not [url for url in asked if "progress" in url]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_documents_are_given_on_a_page_that_fits(staff, persona, viewport):
    page = staff("/admin/", viewport=viewport)
    page.watch.expect("style-src")  # axe's own style
    page.goto(f"/admin/personas/persona/{persona.pk}/documents/add/")
    assert not is_wider_than_the_screen(page)
    assert complaints(page) == []
    page.get_by_label("Or a web address").fill("http://169.254.169.254/")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("This address leads into a private network", exact=False)).to_be_visible()
