"""What is wrong, as staff see it: for the eye, the keyboard and the screen reader, large and small."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen
from voice import alerts
from voice.models import Alert

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Somebody has switched the post-call webhook off at ElevenLabs. Switch it on again, or reports are only fetched, minutes late."


@pytest.fixture
def alert(db):
    alerts.settle(Alert.Kind.WEBHOOK, WORDS)
    return Alert.objects.get()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_alert_stands_first_and_leads_to_what_mends_it(staff, alert, viewport, scheme):
    page = staff("/admin/", viewport=viewport, color_scheme=scheme)
    page.watch.expect("style-src")  # axe's own style
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
    page.get_by_role("link", name="Reports are not sent to us").click()
    expect(page.get_by_role("button", name="Switch the webhook on again")).to_be_visible()
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
