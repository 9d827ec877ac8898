"""The dashboard for the eye, the keyboard and the screen reader, large and small."""

from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen
from tests.voice.months import Month
from voice.figures import days

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/staff/voice/?first=2026-09-01&last=2026-09-30"


@pytest.fixture
def month(persona):
    Month([persona], list(persona.documents.all()), threads=80).save()
    days.keep_open(today=date(2026, 10, 1))


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_figures_are_read_without_colour_and_fit(staff, month, viewport, scheme):
    page = staff(ADDRESS, viewport=viewport, color_scheme=scheme)
    page.watch.expect("style-src")  # axe's own style
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
    plot = page.locator(".figure-plot").filter(has_text="Tool calls (ms)")
    expect(plot.locator(".figure-legend")).to_contain_text("■ p95")
    plot.get_by_text("As a table").focus()
    page.keyboard.press("Enter")
    expect(plot.get_by_role("cell").first).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_role("link", name="All figures, with plots")).to_be_visible()
    assert complaints(page) == []
