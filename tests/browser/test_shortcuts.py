"""Keys that work anywhere on the page, except where somebody types or another program listens."""

import re

import pytest
from django.conf import settings as site_settings
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION
from tests.browser.sheet import Sheet, is_gone

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


@pytest.fixture
def chat(open_page):
    return Chat(open_page())


def test_every_key_does_what_the_help_says(chat):
    page, press = chat.page, chat.page.keyboard.press
    press("/")
    expect(chat.question).to_be_focused()
    chat.ask(QUESTION)
    answer = chat.turn("nine in the morning")
    expect(answer.locator(".citation")).to_have_count(1, timeout=10_000)
    chat.question.blur()
    press("s")
    expect(chat.panel).to_be_visible()
    press("Escape")
    expect(answer.locator(".citation-link")).to_be_focused()  # it has the focus back, and only then gives it up
    page.evaluate("document.activeElement.blur()")
    press("k")
    expect(answer).to_be_focused()
    press("k")
    expect(chat.turn(QUESTION, "visitor")).to_be_focused()
    press("j")
    expect(answer).to_be_focused()
    for key, sheet in ((",", "#settings"), ("?", "#help")):
        press(key)
        expect(page.locator(sheet)).to_be_visible()
        press("Escape")
        is_gone(page, sheet)
    press("c")
    chat.expect_state("listening", 15)
    press("m")
    expect(page.locator("#mute")).to_have_attribute("aria-pressed", "true")
    press("c")
    chat.expect_state("ended")


def test_before_there_is_a_source_the_key_says_so(chat):
    chat.page.keyboard.press("s")
    expect(chat.page.locator("#announcer")).to_have_text("No answer here has a source yet.")


PRESS = """([of, key, more]) => document.querySelector(of).dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }))"""


def test_keys_of_fields_input_methods_browsers_and_screen_readers_are_left_to_them(chat):
    page = chat.page
    for key in "cms,?jk/":
        chat.question.press(key)
    assert chat.question.input_value() == "cms,?jk/"
    for held in ("ctrlKey", "altKey", "metaKey", "isComposing"):
        for key in ("c", "/", "?"):
            assert page.evaluate(PRESS, ["body", key, {held: True}])  # not prevented: it goes on to whom it is for
    assert page.evaluate(PRESS, ["body", "c", {"keyCode": 229}])
    expect(chat.dock).to_be_hidden()
    Sheet(page).open()
    page.locator("#loudness").focus()
    page.keyboard.press("c")  # nor does anything happen behind an open sheet
    expect(chat.dock).to_be_hidden()
    page.keyboard.press("Escape")
    is_gone(page, "#settings")
    page.keyboard.press(" ")  # without push-to-talk the space bar presses what has the focus
    expect(page.locator("#settings")).to_be_visible()


def test_keys_are_named_on_their_controls_and_can_be_switched_off(chat):
    page, sheet = chat.page, Sheet(chat.page)
    named = "Object.fromEntries([...document.querySelectorAll('[data-key]')].map((one) => [one.id, [one.ariaKeyShortcuts ?? one.getAttribute('aria-keyshortcuts'), one.title]]))"
    assert page.evaluate(named)["talk"] == ["c", "Talk (C)"]
    assert page.evaluate(named)["question"] == ["/", "(/)"]
    sheet.open().choose("shortcuts", False)
    assert page.evaluate(named)["talk"] == [None, "Talk"]
    sheet.close()
    page.evaluate("document.activeElement.blur()")
    for key in "cms,?jk/":
        page.keyboard.press(key)
    expect(chat.dock).to_be_hidden()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator(".bar [data-opens=help]").click()
    expect(page.locator("#help")).to_contain_text("switched off")
    page.locator("#help [data-opens=settings]").click()
    sheet.choose("shortcuts", True)
    sheet.close()
    page.keyboard.press("?")
    expect(page.locator("#help-off")).to_be_hidden()


def test_the_help_names_every_key_there_is(chat):
    script = (site_settings.BASE_DIR / "static/voice/chat.js").read_text()
    listened = re.search(r"shortcuts\.watch\(\n(.*?)\n\);", script, re.DOTALL)[1]
    keys = {key.upper() for pair in re.findall(r'"(\S)": |\b(\w): ', listened) for key in pair if len(key) == 1}
    shown = set(chat.page.locator("#help kbd").all_text_contents())
    assert len(keys) == 8
    assert shown == keys | {"Space", "Esc"}
