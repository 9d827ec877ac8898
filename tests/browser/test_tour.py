"""The tour of a first visit: it points, stands in nobody's way, and does not come back."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.test_access import complaints, is_wider_than_the_screen

AXE = "{ preload: false, resultTypes: ['violations'] }"  # it would try inline styles on what is imported
pytestmark = pytest.mark.django_db(transaction=True)
VOICE = pytest.mark.usefixtures("standin", "agent")
PAGE = "/chat/harbour-guide/"
NO_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('no', 'SecurityError'); };"
OVERLAP = """() => {
  const one = document.getElementById("tour").getBoundingClientRect();
  const other = document.querySelector("[data-toured]").getBoundingClientRect();
  const apart = one.bottom <= other.top || one.top >= other.bottom || one.right <= other.left || one.left >= other.right;
  const inside = one.top >= 0 && one.left >= 0 && one.right <= innerWidth && one.bottom <= innerHeight;
  return { apart, inside, at: document.querySelector("[data-toured]").id || document.querySelector("[data-toured]").className };
}"""


class Tour:
    def __init__(self, page):
        self.page, self.box = page, page.locator("#tour")
        self.next, self.skip = page.locator("[data-tour=next]"), page.locator("[data-tour=skip]")

    def expect_here(self):
        expect(self.box).to_be_visible(timeout=20_000)
        return self

    def expect_gone(self):
        expect(self.box).to_be_hidden()
        expect(self.page.locator("[data-toured]")).to_have_count(0)


def comes_back(page):
    """Whether it is there after another visit, at which it would come at once."""
    page.goto(PAGE)
    page.wait_for_load_state("networkidle")
    return page.locator("#tour").is_visible()


@VOICE
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_the_tour_points_at_four_things_and_covers_none_of_them(open_page, viewport):
    page = open_page(tour=True, viewport=viewport, reduced_motion="reduce")
    tour = Tour(page).expect_here()
    pointed_at = []
    for number in range(4):
        page.wait_for_function(f"() => {{ const place = ({OVERLAP})(); return place.apart && place.inside; }}")
        pointed_at.append(page.evaluate(OVERLAP)["at"])
        expect(tour.box).to_contain_text(f"{number + 1} of 4")
        assert complaints(page, options=AXE) == []
        tour.next.click()
    assert pointed_at[:2] == ["composer-field", "talk"]
    assert "bar-settings" in pointed_at[3]
    assert not is_wider_than_the_screen(page)
    tour.expect_gone()
    assert not comes_back(page)


@VOICE
def test_the_keyboard_alone_goes_through_it_back_and_out(open_page):
    page = open_page(tour=True)
    tour = Tour(page).expect_here()
    tour.next.focus()
    page.keyboard.press("Enter")
    expect(tour.box).to_have_accessible_name("Or talk")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(tour.box).to_have_accessible_name("Ask here")
    page.keyboard.press("Escape")
    tour.expect_gone()
    expect(page.locator("#question")).to_be_focused()
    assert not comes_back(page)


@VOICE
def test_skipping_it_ends_it_for_good_and_the_help_sheet_has_it_again(open_page):
    page = open_page(tour=True)
    tour = Tour(page).expect_here()
    expect(page.locator("#announcer")).to_contain_text("Escape closes it")
    tour.skip.click()
    tour.expect_gone()
    assert not comes_back(page)
    page.keyboard.press("?")
    page.get_by_role("button", name="Tour of this page").click()
    tour.expect_here()
    expect(tour.next).to_be_focused()


@VOICE
def test_beginning_to_ask_ends_the_tour_and_a_thread_with_turns_has_none(open_page):
    page = open_page(tour=True)
    tour, chat = Tour(page).expect_here(), Chat(page)
    chat.ask(QUESTION)
    tour.expect_gone()
    expect(chat.turn("nine in the morning")).to_be_visible()
    page.evaluate("localStorage.clear()")
    assert not comes_back(page)


@VOICE
def test_in_a_call_there_is_no_tour(open_page):
    page = open_page(tour=True)
    chat = Chat(page)
    Tour(page).expect_here()
    chat.talk()
    Tour(page).expect_gone()
    chat.expect_state("listening", 20)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("button", name="Tour of this page").click()
    expect(chat.notice).to_contain_text("waits until the call is over")


def test_where_nothing_can_be_remembered_it_does_not_come_by_itself(open_page, persona):
    page = open_page("/", tour=True)
    page.add_init_script(NO_STORAGE)
    assert not comes_back(page)


def test_without_voice_it_leaves_out_what_is_not_there(open_page, persona):
    page = open_page(tour=True)
    tour = Tour(page).expect_here()
    expect(tour.box).to_contain_text("1 of 3")
