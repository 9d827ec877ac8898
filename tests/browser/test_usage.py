"""What ElevenLabs says we used, for the eye, the keyboard and the screen reader, large and small."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen
from voice.books import comparing
from voice.models import Listed, Reading

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
ADDRESS = "/staff/voice/usage/?first=2026-09-01&last=2026-09-30"


@pytest.fixture
def books(persona):
    for number in range(20):
        Listed.objects.create(
            elevenlabs_conversation_id=f"conv_{number}", elevenlabs_agent_id="agent_1", agent_name="An agent with a long name",
            persona=persona if number % 2 else None, started_at=NOON - timedelta(days=number), seconds=90, credits=900, is_over=True,
        )  # fmt: skip
        comparing.keep((NOON - timedelta(days=number)).date())
    Reading.objects.create(
        day=NOON.date(),
        at=NOON,
        used=85,
        limit=100,
        resets_at=NOON + timedelta(days=9),
        listed_to=NOON,
        running_there=1,
    )


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_usage_is_read_without_colour_and_fits(staff, books, viewport, scheme):
    page = staff(ADDRESS, viewport=viewport, color_scheme=scheme)
    page.watch.expect("style-src")  # axe's own style
    expect(page.get_by_role("img", name="85 % used; staff are told at 80 % and at 95 %.")).to_be_visible()
    page.get_by_role("link", name="Of agents that are not ours").click()
    expect(page.get_by_role("heading", name="Of agents that are not ours")).to_be_visible()
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
