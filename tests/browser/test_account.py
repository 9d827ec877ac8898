"""The page about the ElevenLabs account: for the eye and the screen reader, on a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/voice/workspace/"
LOOKS = [
    pytest.param({"viewport": viewport, "color_scheme": scheme}, id=f"{viewport['width']} {scheme}")
    for viewport, scheme in ((DESKTOP, "light"), (PHONE, "dark"))
]


@pytest.fixture
def limited(standin):
    """A key that may read and nothing else."""
    body = {"key": "key-of-the-tests", "permissions": ["convai_read", "user_read"]}
    standin.http.post("/standin/keys", json=body).raise_for_status()
    yield
    standin.http.post("/standin/keys", json={"key": "key-of-the-tests"}).raise_for_status()


@pytest.mark.parametrize("look", LOOKS)
def test_staff_see_what_the_key_may_not_do_and_axe_finds_nothing(staff, limited, look):
    page = staff(PAGE, **look)
    page.watch.expect("style-src")  # axe's own style
    expect(page.get_by_text("It was not looked at yet.")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_text("Therefore personas get no voice")).to_be_visible()
    expect(page.get_by_text("Credits left")).to_be_visible()
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
