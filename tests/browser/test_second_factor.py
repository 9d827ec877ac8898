"""A second factor set up and used, and the audit log read: large and small, judged by axe."""

import base64

import pytest
from django.contrib.auth.models import User
from django_otp.oath import totp
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.staff import complaints
from tests.browser.test_access import is_wider_than_the_screen
from voice import devices

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")], ids=["desktop", "phone"])
def test_a_second_factor_is_set_up_and_asked_for_on_pages_that_fit(staff, persona, viewport, scheme):
    page, found = staff("/admin/second-factor/", viewport=viewport, color_scheme=scheme), {}
    page.watch.expect("style-src")  # axe's own style

    def judge(name):
        assert not is_wider_than_the_screen(page), name
        found[name] = complaints(page)

    expect(page.get_by_role("img", name="The secret below as a QR code")).to_be_visible()
    judge("set-up")
    page.get_by_label("Code").fill("no code")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("This code did not work.", exact=False)).to_be_visible()
    judge("refused")
    anna = User.objects.get(username="anna")
    page.get_by_label("Code").fill(_code(page.locator(".second-factor-secret").inner_text()))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_text("shown this once", exact=False)).to_be_visible()
    recovery = page.locator(".second-factor-codes code").all_inner_texts()
    judge("recovery")
    page.get_by_role("link", name="I have written them down").click()
    page.get_by_role("link", name="Second factor").click()
    page.wait_for_url("**/second-factor/")
    judge("standing")
    page.get_by_role("link", name="Second factors of staff").click()
    page.wait_for_url("**/people/")
    judge("people")
    page.goto("/admin/voice/deed/")
    judge("deeds")
    page.get_by_role("row").filter(has_text="Second factor set up").get_by_role("link").first.click()
    page.wait_for_url("**/change/**")
    judge("deed")
    devices.remove(anna)
    secret = devices.make_secret()
    devices.begin(anna, secret, f"{totp(bytes.fromhex(secret)):06}")
    page.goto("/staff/voice/")
    expect(page.get_by_label("Code")).to_be_visible()
    judge("code")
    page.get_by_label("Code").fill(recovery[0])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("This code did not work.", exact=False)).to_be_visible()
    page.get_by_label("Code").fill(f"{totp(bytes.fromhex(secret), drift=1):06}")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/staff/voice/")
    assert not any(found.values()), found


def _code(secret):
    """What the app shows that was given the secret as it stands on the page."""
    return f"{totp(base64.b32decode(secret)):06}"
