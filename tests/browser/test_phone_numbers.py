"""The pages on which staff choose who answers a phone number: for the eye, the keyboard and the screen reader."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen
from voice import phones
from voice.models import PhoneNumber

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/voice/phonenumber/"


@pytest.fixture
def numbers(standin):
    """Three numbers of the account."""
    for row in standin.http.get("/v1/convai/phone-numbers").json():
        standin.http.delete(f"/v1/convai/phone-numbers/{row['phone_number_id']}").raise_for_status()
    for last, label in enumerate(["Front desk", "Harbour office", "Out of hours"]):
        body = {"provider": "twilio", "phone_number": f"+1555123400{last}", "label": label, "sid": "AC1", "token": "t"}
        standin.http.post("/v1/convai/phone-numbers", json=body).raise_for_status()


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_the_pages_fit_and_axe_finds_nothing(staff, numbers, persona, viewport, scheme):
    phones.refresh()
    PhoneNumber.objects.filter(label="Front desk").update(persona=persona, state="in_step", answered_by=persona.name)
    PhoneNumber.objects.filter(label="Harbour office").update(
        persona=persona, state="refused", problem="ElevenLabs answered 422: this number is being ported."
    )
    page = staff(LIST, viewport=viewport, color_scheme=scheme)
    found = {}
    for address in (LIST, f"{LIST}{PhoneNumber.objects.first().pk}/change/"):
        page.goto(address)
        assert not is_wider_than_the_screen(page), address
        found[address] = complaints(page)
    assert {address: said for address, said in found.items() if said} == {}


def test_a_persona_is_chosen_and_the_list_says_that_it_is_on_its_way(staff, numbers, persona):
    page = staff(LIST)
    page.get_by_role("link", name="+15551234001").click()
    page.get_by_label("Persona").select_option(label="Maren Holt")
    page.get_by_label("Notice").fill("This call is recorded.")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.get_by_role("row").filter(has_text="+15551234001")
    expect(row).to_contain_text("Maren Holt")
    expect(row).to_contain_text("Waiting")
    assert PhoneNumber.objects.get(number="+15551234001").notice == "This call is recorded."
