"""For everybody: keyboard, screen reader, large text, small screens, both themes."""

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, QUESTION

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]
AXE = (django_settings.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text()
LOOKS = [
    pytest.param({"viewport": viewport, "color_scheme": scheme}, id=f"{viewport['width']} {scheme}")
    for viewport in (DESKTOP, PHONE)
    for scheme in ("light", "dark")
]


# What comes in by a fade is pale while it does: axe is to judge what people go on to look at. Endless motion is not waited for.
STILL = """Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map((one) => one.finished)).then(() => null)"""


def complaints(page, part="document", options="{ resultTypes: ['violations'] }"):
    """What axe-core finds in `part` of the page (a script's expression) once it stands still, in short."""
    page.evaluate(AXE)
    page.evaluate(STILL)
    found = page.evaluate(f"axe.run({part}, {options})")["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]


def is_wider_than_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_from_the_list_to_the_end_of_a_call(open_page, look):
    page = open_page("/", reduced_motion="reduce", **look)
    assert complaints(page) == []
    page.goto("/chat/harbour-guide/")
    chat = Chat(page)
    assert complaints(page) == []
    chat.ask(QUESTION)
    card = chat.turn("nine in the morning").locator(".citation-link")
    expect(card).to_be_visible(timeout=10_000)
    assert complaints(page) == []
    card.click()
    expect(chat.panel.locator("mark")).to_be_visible()
    assert complaints(page) == []
    page.locator("#source-close").click()
    chat.talk()
    chat.expect_state("speaking")
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
    chat.expect_state("listening")
    assert complaints(page) == []
    chat.hang_up()
    chat.expect_state("ended")
    assert complaints(page) == []
    page.goto(card.evaluate("link => link.href"))
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)


def test_a_whole_call_is_made_by_keyboard_alone(open_page):
    chat = Chat(open_page())
    press = chat.page.keyboard.press
    press("Tab")
    expect(chat.page.get_by_role("link", name="Skip to your question")).to_be_focused()
    press("Enter")
    expect(chat.question).to_be_focused()
    chat.page.keyboard.type(QUESTION)
    press("Enter")
    expect(chat.turn("nine in the morning")).to_be_visible(timeout=10_000)
    press("Tab")
    press("Tab")
    expect(chat.talk_button).to_be_focused()
    press("Enter")
    expect(chat.dock).to_be_focused()
    chat.expect_state("listening")
    press("Tab")
    press("Space")
    expect(chat.page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
    press("Tab")
    press("ArrowLeft")
    expect(chat.dock.get_by_label("Volume")).to_have_value("95")
    press("Tab")
    press("Tab")
    press("Enter")
    chat.expect_state("ended")
    expect(chat.talk_button).to_be_focused()


def test_screen_readers_are_told_once_and_in_words(open_page):
    chat = Chat(open_page())
    announcer = chat.page.locator("#announcer")
    chat.ask(QUESTION)
    expect(announcer).to_contain_text("Maren Holt answered: The ferry", timeout=10_000)
    expect(announcer).to_contain_text("Sources below the answer: 1.")
    chat.talk()
    expect(announcer).to_contain_text("You are connected.")
    chat.expect_state("listening")
    assert chat.page.locator("[aria-live], [role=log]").count() == 0  # the thread itself does not shout
    chat.hang_up()
    expect(announcer).to_contain_text("The call has ended.")


@pytest.mark.parametrize("path", ["/", "/chat/harbour-guide/"])
def test_text_at_twice_its_size_still_fits(open_page, path):
    page = open_page(path, viewport=PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert not is_wider_than_the_screen(page)


def test_without_motion_nothing_moves_for_long(open_page):
    chat = Chat(open_page(reduced_motion="reduce"))
    chat.talk()
    chat.expect_state("listening")
    lasting = chat.page.evaluate(
        "document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime > 50).length"
    )
    assert lasting == 0
