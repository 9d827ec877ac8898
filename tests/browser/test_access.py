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


def complaints(page, part="document", options="{ preload: false, resultTypes: ['violations'] }"):
    """What axe-core finds in `part` of the page (a script's expression) once it stands still, in short."""
    page.evaluate(AXE)
    page.evaluate(STILL)
    found = page.evaluate(f"axe.run({part}, {options})")["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]


SHOW = "async (state) => (await import('/static/voice/dock.js')).show(state)"
STATES = ("asking", "connecting", "hearing", "thinking", "searching", "speaking", "listening")
NO_MICROPHONE = """() => { navigator.mediaDevices.getUserMedia = async () => {
  throw new DOMException('', 'NotAllowedError'); }; }"""


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
    for state in STATES:
        page.evaluate(SHOW, state)
        assert complaints(page, "document.getElementById('dock')") == [], state
    chat.hang_up()
    chat.expect_state("ended")
    page.locator(".star").nth(2).click()
    assert complaints(page) == []
    page.evaluate(NO_MICROPHONE)
    chat.talk()
    expect(chat.notice).to_be_visible()
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


def test_over_a_whole_call_screen_readers_are_told_little_and_nothing_twice(open_page):
    chat = Chat(open_page())
    chat.page.evaluate("""() => {
      window.told = [];
      for (const region of document.querySelectorAll("[aria-live], [role=status], [role=alert], [role=log]"))
        new MutationObserver(() => region.textContent.trim() && window.told.push(region.textContent.trim()))
          .observe(region, { childList: true, characterData: true, subtree: true });
    }""")
    chat.talk()
    chat.expect_state("listening")
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)
    chat.page.locator("#mute").click()
    chat.page.locator("#mute").click()
    chat.expect_state("listening", 20)
    chat.hang_up()
    expect(chat.page.locator("#announcer")).to_contain_text("The call has ended.")
    told = chat.page.evaluate("window.told")
    assert len(told) <= 4 and len(set(told)) == len(told), told
    assert not any("ferry" in sentence for sentence in told), "the voice says it already"


def say_and_call(chat):
    """Through what is widest and highest: an answer with its source, a call, its end with the stars."""
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)
    yield "answer"
    for state in STATES:  # without a call, which would go on to its own
        chat.page.evaluate(SHOW, state)
        yield state
    chat.talk()
    chat.expect_state("speaking")
    chat.hang_up()
    chat.page.locator(".star").nth(2).click()
    yield "rating"


# 1280 × 1024 at 400 % is 320 × 256 (WCAG 2.2, 1.4.10); a phone with its text doubled (1.4.4).
@pytest.mark.parametrize(("width", "height", "size"), [(320, 256, "100%"), (390, 844, "200%")])
def test_magnified_everything_still_fits_and_can_be_reached(open_page, width, height, size):
    chat = Chat(open_page("/", viewport={"width": width, "height": height}))
    enlarge = f"document.documentElement.style.fontSize = '{size}'"
    chat.page.evaluate(enlarge)
    assert not is_wider_than_the_screen(chat.page)
    chat.page.goto("/chat/harbour-guide/")
    chat.page.evaluate(enlarge)
    for state in say_and_call(chat):
        assert not is_wider_than_the_screen(chat.page), state
        assert cut_off(chat.page) == [], state


def cut_off(page):
    """Words of buttons and states that do not fit into them, and controls that lie outside of the page."""
    return page.eval_on_selector_all(
        ".dock-controls > button, .dock-hint, .composer > :not(.unseen), .rating button, .bar > *, .turn-text, .talk span",
        """parts => parts.filter(part => part.checkVisibility()).filter(part => {
          const box = part.getBoundingClientRect();
          return box.left < -1 || box.right > innerWidth + 1 || part.scrollWidth > part.clientWidth + 2 && part.clientWidth > 1;
        }).map(part => part.outerHTML.slice(0, 80))""",
    )


def test_on_a_phone_everything_is_as_large_as_a_finger(open_page):
    chat = Chat(open_page(viewport=PHONE, has_touch=True, is_mobile=True))
    for state in say_and_call(chat):
        small = chat.page.eval_on_selector_all(
            "button, a, input:not(.unseen), textarea, summary, .star",
            """parts => parts.filter(part => part.checkVisibility() && part.className !== "skip").filter(part => {
              const box = part.getBoundingClientRect();
              return box.width < 44 || box.height < 44;
            }).map(part => part.outerHTML.slice(0, 80))""",
        )
        assert small == [], state


def test_with_forced_colours_the_call_is_still_told_by_its_shapes(open_page):
    chat = Chat(open_page(forced_colors="active"))
    chat.talk()
    chat.expect_state("listening")
    seen = chat.page.evaluate("""() => {
      const style = (part, name) => getComputedStyle(document.querySelector(part))[name];
      return { ground: style("#dock", "backgroundColor"), bar: style(".levels span", "backgroundColor"),
        ring: style(".halo", "borderTopColor"), send: style("#send", "borderTopStyle") };
    }""")
    assert seen["bar"] != seen["ground"] and seen["ring"] != seen["ground"] and seen["send"] == "solid", seen


def test_each_state_of_a_call_has_a_shape_of_its_own_without_colour_or_motion(open_page):
    chat = Chat(open_page(reduced_motion="reduce", color_scheme="light"))
    shapes = {}
    for state in STATES:
        chat.page.evaluate(SHOW, state)
        shape = chat.page.evaluate("""async () => {
          await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
          const [ring, wide] = document.querySelectorAll(".halo");
          const style = getComputedStyle(ring);
          return [style.borderTopStyle, style.borderTopWidth, style.borderTopColor === "rgba(0, 0, 0, 0)",
            getComputedStyle(wide).opacity !== "0", getComputedStyle(document.querySelector(".presence-page")).display];
        }""")
        shapes.setdefault(str(shape), []).append(state)
    assert sorted(shapes.values()) == [["asking", "connecting"], *([state] for state in sorted(STATES[2:]))], shapes


def test_a_page_that_runs_from_right_to_left_is_turned_over(open_page):
    chat = Chat(open_page(viewport=DESKTOP))
    chat.page.evaluate("document.documentElement.dir = 'rtl'")
    chat.ask(QUESTION)
    chat.turn("nine in the morning").locator(".citation-link").click()
    expect(chat.panel.locator("mark")).to_be_visible()
    assert complaints(chat.page) == []
    boxes = {part: chat.page.locator(part).bounding_box() for part in ("#source", ".bar-back", "#talk", "#question")}
    middle = DESKTOP["width"] / 2
    assert boxes["#source"]["x"] == 0 and boxes[".bar-back"]["x"] > middle
    assert boxes["#talk"]["x"] < boxes["#question"]["x"]
    assert not is_wider_than_the_screen(chat.page)


def test_without_motion_nothing_moves_for_long(open_page):
    chat = Chat(open_page(reduced_motion="reduce"))
    chat.talk()
    chat.expect_state("listening")
    lasting = chat.page.evaluate(
        "document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime > 50).length"
    )
    assert lasting == 0
