"""A persona's history in a real browser: the page, the way back, and a policy that has nothing to complain of."""

import pytest
from playwright.sync_api import expect

from personas.models import Persona
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staff(open_page, django_user_model):
    """A page on which somebody is signed in who may do everything."""
    django_user_model.objects.create_superuser("anna", password="anna")
    page = open_page("/admin/login/", microphone=False, viewport=PHONE)
    page.watch.expect("404 (Not Found)")  # Django's admin has no icon
    page.get_by_label("Username").fill("anna")
    page.get_by_label("Password").fill("anna")
    page.get_by_role("button", name="Log in").click()
    return page


def test_staff_go_back_to_what_a_persona_said_before(staff, persona):
    persona.tagline = "Knows nothing."
    persona.save()
    staff.goto(f"/admin/personas/persona/{persona.pk}/change/")
    staff.get_by_role("link", name="History").click()
    expect(staff.get_by_text("Knows nothing.")).to_be_visible()
    assert staff.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    staff.get_by_role("link", name="Go back to this").click()
    staff.get_by_role("button", name="Go back").click()
    expect(staff.get_by_text("is again what it was on")).to_be_visible()
    persona.refresh_from_db()
    assert persona.tagline == "Knows the pier, the ferry and the lamp."


def test_staff_take_a_persona_out_and_in_again(staff, persona, tmp_path):
    staff.goto(f"/admin/personas/persona/{persona.pk}/change/")
    with staff.expect_download() as download:
        staff.get_by_role("link", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    staff.goto("/admin/personas/persona/")
    staff.get_by_role("link", name="Import persona").click()
    staff.get_by_label("Persona archive").set_input_files(file)
    staff.get_by_role("button", name="Import").click()
    expect(staff.get_by_text("2 documents are waiting to be read")).to_be_visible()
    assert Persona.objects.get(slug="harbour-guide-2").status == Persona.Status.DRAFT
