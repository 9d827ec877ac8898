"""What browsers, phones and the official client do to a call that nobody asked for: noticed, said, survived."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION

pytestmark = pytest.mark.django_db(transaction=True)

# Presses Talk without anybody having touched the page: then browsers let no sound through.
BY_ITSELF = 'addEventListener("load", () => setTimeout(() => document.getElementById("talk")?.click(), 300));'
# A browser that cannot choose the rate of its sound, as Firefox cannot.
ONE_RATE = """
const supported = MediaDevices.prototype.getSupportedConstraints;
MediaDevices.prototype.getSupportedConstraints = function () {
  return { ...supported.call(this), sampleRate: undefined };
};
"""


def prepared(open_page, script, **options):
    """The chat page with a script that ran before it."""
    page = open_page("/", **options)
    page.add_init_script(script)
    page.goto("/chat/harbour-guide/")
    return Chat(page)


def test_sound_that_the_browser_holds_back_runs_after_one_press(open_page, standin, agent):
    chat = prepared(open_page, BY_ITSELF)
    chat.page.wait_for_timeout(2500)  # looking at the page would count as touching it
    hear = chat.page.get_by_role("button", name="Tap to hear")
    expect(hear).to_be_visible()
    expect(chat.dock).to_contain_text("holds the sound back")
    hear.click()
    chat.expect_state("speaking")
    expect(hear).to_be_hidden()
    chat.hang_up()
