"""Before a first call a visitor sees what the browser will ask, and that they are heard."""

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.sheet import is_gone, remembered
from tests.browser.test_access import complaints, is_wider_than_the_screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]
AGENTS = {
    "chromium": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "safari": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    "phone": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
}


class Check:
    """The look at the microphone of one open chat page."""

    def __init__(self, page):
        self.page, self.box = page, page.locator("#check")
        self.says = self.box.locator("[data-says]")

    def expect(self, view):
        expect(self.box).to_be_visible()
        expect(self.box).to_have_attribute("data-view", view)

    def press(self, name):
        self.box.get_by_role("button", name=name).click()


@pytest.fixture
def first_talk(open_page):
    """`first_talk(...)` presses Talk for the first time in a browser that has not allowed the microphone."""

    def talk(**options):
        chat = Chat(open_page(first=True, **{"granted": None, **options}))
        chat.talk()
        return chat, Check(chat.page)

    return talk


def test_a_first_call_begins_by_one_press_once_the_visitor_is_heard_and_is_not_asked_again(first_talk, tmp_path):
    chat, check = first_talk()
    check.expect("ask")
    expect(check.box.locator("svg:visible[data-family]")).to_have_count(1)
    check.press("Use my microphone")
    check.expect("hear")
    expect(check.says).to_have_text(chat.sentence("check-speak"))
    chat.speak(sound.as_text(sound.speak(QUESTION, tmp_path)))
    expect(check.says).to_have_text(chat.sentence("check-heard"))
    check.press("Start the call")
    chat.expect_state("listening")
    expect(check.box).to_be_hidden()
    chat.hang_up()
    assert chat.open_tracks() == 0
    chat.page.reload()
    chat.talk()
    chat.expect_state("listening")


def test_where_the_browser_has_allowed_the_microphone_the_call_begins_at_once(first_talk):
    chat, check = first_talk(granted=True)
    chat.expect_state("listening")
    assert check.box.is_hidden()


def test_it_can_be_skipped_and_does_not_come_again(first_talk):
    chat, check = first_talk()
    check.press("Skip this")
    chat.expect_state("listening")
    chat.hang_up()
    chat.page.reload()
    chat.talk()
    chat.expect_state("listening")


def test_it_can_be_closed_without_a_call_and_comes_again(first_talk):
    chat, check = first_talk()
    check.press("Use my microphone")
    check.expect("hear")
    chat.page.keyboard.press("Escape")
    is_gone(chat.page, "#check")
    expect(chat.talk_button).to_be_focused()
    assert chat.open_tracks() == 0
    chat.talk()
    check.expect("ask")


def test_a_blocked_microphone_is_drawn_and_unblocking_it_is_noticed(first_talk):
    chat, check = first_talk(microphone=False)
    check.press("Use my microphone")
    check.expect("blocked")
    expect(check.box.locator("svg:visible[data-family]")).to_have_count(1)
    expect(check.box.locator("p:visible[data-family]")).to_contain_text("left of the address")
    chat.page.context.grant_permissions(["microphone"])
    check.expect("hear")
    expect(check.says).to_have_text(chat.sentence("check-heard"))  # the browser's own test device beeps
    check.press("Start the call")
    expect(chat.page.locator("#announcer")).to_have_text(chat.sentence("announce-live"))


def test_several_microphones_are_offered_and_the_chosen_one_is_kept(first_talk):
    chat, check = first_talk(microphone=False)
    chat.page.context.grant_permissions(["microphone"])
    check.expect("hear")
    choice = check.box.get_by_label("Microphone", exact=True)
    expect(choice).to_be_visible()
    choice.select_option(index=2)
    check.expect("hear")
    assert remembered(chat.page)["microphone"] == choice.input_value() != ""


def test_a_microphone_that_gives_nothing_is_said_after_some_seconds(open_page):
    page = open_page("/", granted=None, first=True)
    page.clock.install()
    page.goto("/chat/harbour-guide/")
    chat, check = Chat(page), Check(page)
    chat.talk()
    check.press("Use my microphone")
    check.expect("hear")
    page.clock.run_for(4_500)
    expect(check.says).to_have_text(chat.sentence("check-quiet"))
    expect(check.box.get_by_role("button", name="Start the call")).to_be_enabled()


@pytest.mark.parametrize(("name", "view"), [("NotFoundError", "missing"), ("NotReadableError", "busy")])
def test_a_microphone_that_does_not_open_is_explained_and_tried_again(open_page, name, view):
    page = open_page("/", granted=None, first=True)
    page.add_init_script(
        f"""const request = navigator.mediaDevices.getUserMedia;
        navigator.mediaDevices.getUserMedia = (what) => {{
          if (window.mended) return request.call(navigator.mediaDevices, what);
          throw new DOMException("no", "{name}");
        }};"""
    )
    page.goto("/chat/harbour-guide/")
    chat, check = Chat(page), Check(page)
    chat.talk()
    check.press("Use my microphone")
    check.expect(view)
    page.evaluate("window.mended = true")
    if view == "missing":
        page.evaluate("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    else:
        check.press("Try again")
    check.expect("hear")


def test_a_call_that_the_browser_refuses_shows_where_to_allow_it(open_page):
    chat = Chat(open_page(microphone=False, granted=False))
    check = Check(chat.page)
    chat.talk()
    chat.expect_notice(chat.sentence("microphone-denied"))
    chat.page.get_by_role("button", name="Show me where").click()
    check.expect("blocked")


def test_it_can_be_repeated_from_the_settings(open_page):
    chat = Chat(open_page())
    check = Check(chat.page)
    chat.page.locator("[data-opens=settings]:visible").first.click()
    chat.page.locator("#settings").get_by_role("button", name="Check your microphone").click()
    check.expect("hear")
    check.press("Start the call")
    chat.expect_state("listening")


@pytest.mark.parametrize("family", AGENTS)
def test_every_kind_of_browser_has_its_own_picture(first_talk, family):
    _, check = first_talk(user_agent=AGENTS[family])
    check.expect("ask")
    shown = check.box.locator("svg[data-family]:visible")
    expect(shown).to_have_count(1)
    assert shown.get_attribute("data-family") == family


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(first_talk, viewport, scheme):
    chat, check = first_talk(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    for view in ("ask", "blocked", "missing", "hear"):
        if view == "hear":
            check.press("Try again")
        elif view != "ask":
            chat.page.evaluate(
                """view => {
                  document.getElementById("check").dataset.view = view;
                  for (const one of document.querySelectorAll("#check [data-for]"))
                    one.hidden = !one.dataset.for.split(" ").includes(view);
                }""",
                view,
            )
        check.expect(view)
        assert complaints(chat.page, "'#check'", "{ preload: false, resultTypes: ['violations'] }") == []
        assert not is_wider_than_the_screen(chat.page)
