"""The page in German from the list to the end of a call, in Arabic from right to left, and changed in the middle."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from voice.words import catalogue, checking

pytestmark = pytest.mark.django_db(transaction=True)

# What stands on the page in its own language: texts, and what screen readers are told. A text that says it is in another
# language is the persona's.
WORDS = """() => {
  const found = [];
  const foreign = (element) => element.closest("[lang]").lang !== document.documentElement.lang;
  for (const element of document.querySelectorAll("body *:not(template, script, noscript)")) {
    if (!element.checkVisibility({ visibilityProperty: true }) || foreign(element)) continue;
    for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(element.getAttribute(name) ?? "");
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
  }
  return found.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def english():
    """Patterns of every English sentence that is something else in German."""
    for entry in catalogue.read("de"):
        for text in filter(None, (entry.msgid, entry.msgid_plural)):
            if text != entry.msgstr and re.search("[a-z]{2}", checking.PLACE.sub("", text)):
                pattern = "(.+)".join(map(re.escape, checking.PLACE.split(" ".join(text.split()))))
                yield re.compile(pattern)


@pytest.fixture(scope="module")
def patterns():
    return list(english())


def expect_no_english(page, patterns):
    read = page.evaluate(WORDS)
    assert read
    assert [text for text in read if any(pattern.fullmatch(text) for pattern in patterns)] == []


def test_a_german_visitor_reads_no_english_from_the_list_to_the_end_of_a_call(
    open_page, standin, persona, agent, patterns
):
    page = open_page("/", locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect_no_english(page, patterns)
    page.get_by_role("link", name="Maren Holt").click()
    expect_no_english(page, patterns)
    chat = Chat(page)
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning")).to_be_visible()
    expect_no_english(page, patterns)
    page.locator(".citation-link").first.click()
    expect(page.locator("#passage")).to_be_visible()
    expect_no_english(page, patterns)
    page.locator("#source-close").click()
    chat.talk()
    chat.expect_state("listening")
    expect(page.locator("#dock-state")).to_have_text("Hört zu")
    expect_no_english(page, patterns)
    chat.hang_up()
    chat.expect_state("ended")
    expect_no_english(page, patterns)
    expect(page.locator("#announcer")).to_contain_text("Über dem Fragefeld")


def test_a_refusal_of_the_server_is_said_in_german(open_page, persona):
    page = open_page(locale="de-DE")
    page.watch.expect("400")
    said = page.evaluate(
        """async () => {
          const form = new FormData(document.getElementById("composer"));
          form.set("text", " ");
          const headers = { Accept: "application/json" };
          const answer = await fetch(document.getElementById("composer").action, { method: "POST", body: form, headers });
          return (await answer.json()).error.message;
        }"""
    )
    assert said == "Schreiben Sie zuerst Ihre Frage."


def test_the_language_can_be_changed_in_the_middle_of_a_thread(open_page, persona):
    page = open_page()
    chat = Chat(page)
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning")).to_be_visible()
    before = chat.turns()
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page).to_have_url(re.compile("/chat/harbour-guide/$"))
    assert chat.turns() == before
    chat.ask("What does a night at the pier cost?")
    expect(chat.turn("twenty euros")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert len(chat.turns()) == 4


def test_a_screen_reader_is_told_which_words_are_the_persona_s(open_page, persona):
    page = open_page(locale="de-DE")
    language = "element => element.closest('[lang]').lang"
    for words in (".who-tagline", ".greeting", ".starter"):
        assert page.locator(words).first.evaluate(language) == "en"
    chat = Chat(page)
    chat.ask(QUESTION)
    turn = chat.turn("nine in the morning")
    expect(turn).to_be_visible()
    for words in (".turn-text", ".citation-title", ".citation-quote"):
        assert turn.locator(words).first.evaluate(language) == "en"
    for words in (".turn-head", ".thumbs"):
        assert turn.locator(words).first.evaluate(language) == "de"
    assert page.locator(".person-tagline, #question").first.evaluate(language) == "de"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_from_right_to_left_is_mirrored_and_nothing_sticks_out(open_page, persona, settings, viewport):
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "العربية")]
    page = open_page(locale="ar", viewport=viewport)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    chat = Chat(page)
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning")).to_be_visible()
    middle = viewport["width"] / 2

    def centre(selector):
        box = page.locator(selector).first.bounding_box()
        return box["x"] + box["width"] / 2

    assert page.evaluate(OVERFLOW) <= 0
    assert centre(".bar-back") > middle  # the way back stands where reading begins
    assert centre("#send") < middle
    assert page.locator(".bar-back .icon").evaluate("icon => getComputedStyle(icon).scale") == "-1 1"
    mine, theirs = (f'.thread > .turn[data-speaker="{who}"] .turn-text' for who in ("visitor", "persona"))
    assert centre(mine) <= centre(theirs)
    # English words in between are still read from the left.
    assert page.locator(theirs).first.evaluate("text => getComputedStyle(text).direction") == "ltr"
    page.locator(".citation-link").first.click()
    expect(page.locator("#passage")).to_be_visible()
    assert page.evaluate(OVERFLOW) <= 0
    page.goto("/")
    assert page.evaluate(OVERFLOW) <= 0
    assert centre(".person .face") > middle
