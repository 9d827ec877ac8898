"""What a visitor thinks of it: a thumb under an answer, stars after a call."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.test_access import complaints, is_wider_than_the_screen
from voice.models import Conversation, Session, Turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


def thumb(row, which):
    return row.locator(f".thumb[data-thumb={which}]")


def hang_up_after_the_greeting(chat):
    chat.talk()
    chat.expect_state("listening", 20)
    chat.hang_up()
    expect(chat.page.locator("#rating")).to_be_visible()


def test_a_thumb_is_kept_with_its_reason_and_stands_there_after_a_reload(open_page):
    page = open_page()
    chat = Chat(page)
    chat.ask(QUESTION)
    row = chat.turn("nine in the morning")
    thumb(row, "down").click()
    row.get_by_role("button", name="Not what I asked").click()
    expect(row.get_by_role("button", name="Not what I asked")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcer")).to_have_text("Thank you, noted.")
    page.reload()
    expect(thumb(chat.turn("nine in the morning"), "down")).to_have_attribute("aria-pressed", "true")
    turn = Turn.objects.get(speaker="persona")
    assert (turn.liked, turn.liked_note) == (False, "Not what I asked")


def test_a_thumb_pressed_again_is_taken_back(open_page):
    page = open_page()
    chat = Chat(page)
    chat.ask(QUESTION)
    up = thumb(chat.turn("nine in the morning"), "up")
    up.click()
    expect(page.locator("#announcer")).to_have_text("Thank you, noted.")
    with page.expect_response("**/judge/"):
        up.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    assert Turn.objects.get(speaker="persona").liked is None


def test_a_thumb_that_could_not_be_kept_goes_back_and_says_so(open_page):
    page = open_page()
    page.watch.expect("Failed to load resource", "ERR_FAILED")
    chat = Chat(page)
    chat.ask(QUESTION)
    up = thumb(chat.turn("nine in the morning"), "up")
    expect(up).to_be_visible()
    page.route("**/judge/", lambda route: route.abort())
    up.click()
    expect(page.locator("#announcer")).to_have_text("Your opinion could not be kept. Try again in a moment.")
    expect(up).to_have_attribute("aria-pressed", "false")


def test_a_thumb_in_a_call_reaches_elevenlabs_on_that_very_turn(open_page, standin):
    page = open_page()
    chat = Chat(page)
    chat.talk()
    chat.expect_state("listening", 20)
    chat.ask(QUESTION)
    up = thumb(chat.turn("nine in the"), "up")
    expect(up).to_be_visible()
    expect(thumb(chat.turn("Good day."), "up")).to_be_hidden()  # a greeting answers nothing
    with page.expect_response("**/judge/"):
        up.click()
    expect(page.locator("#announcer")).to_have_text("Thank you, noted.")
    chat.hang_up()
    call = Session.objects.get().elevenlabs_conversation_id
    expect(page.locator("#rating")).to_be_visible()
    page.wait_for_timeout(500)
    turns = standin.http.get(f"/v1/convai/conversations/{call}").json()["transcript"]
    assert [turn["feedback"]["score"] for turn in turns if turn["feedback"]] == ["like"]


def test_after_a_call_stars_and_a_comment_are_asked_for_and_kept(open_page):
    page = open_page()
    chat = Chat(page)
    hang_up_after_the_greeting(chat)
    page.get_by_label("4 of 5").check(force=True)
    page.get_by_label("Anything to add? You need not.").fill("Friendly and quick.")
    page.locator("#rating-send").click()
    expect(page.locator("#rating")).to_be_hidden()
    expect(chat.talk_button).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("Thank you for rating.")
    kept = Conversation.objects.get()
    assert (kept.rating, kept.comment) == (4, "Friendly and quick.")


def test_the_question_for_stars_can_be_put_away_and_asks_nothing_in_a_typed_thread(open_page):
    page = open_page()
    chat = Chat(page)
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning")).to_be_visible()
    expect(page.locator("#rating")).to_be_hidden()
    hang_up_after_the_greeting(chat)
    page.locator("#rating-later").click()
    expect(page.locator("#rating")).to_be_hidden()
    expect(chat.talk_button).to_be_focused()
    assert Conversation.objects.get().rating is None


def test_stars_are_given_by_keyboard_alone(open_page):
    page = open_page()
    chat = Chat(page)
    hang_up_after_the_greeting(chat)
    page.locator("#rating input[value='1']").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Good.")
    page.locator("#rating-send").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#rating")).to_be_hidden()
    assert Conversation.objects.get().rating == 5


def test_a_rating_that_could_not_be_kept_stays_and_says_so(open_page):
    page = open_page()
    page.watch.expect("Failed to load resource", "ERR_FAILED")
    chat = Chat(page)
    hang_up_after_the_greeting(chat)
    page.route("**/rate/", lambda route: route.abort())
    page.get_by_label("2 of 5").check(force=True)
    page.locator("#rating-send").click()
    expect(chat.notice).to_contain_text("Your rating could not be kept")
    expect(page.locator("#rating")).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_opinions_are_given(open_page, viewport, scheme):
    page = open_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    chat = Chat(page)
    chat.ask(QUESTION)
    thumb(chat.turn("nine in the morning"), "down").click()
    hang_up_after_the_greeting(chat)
    page.get_by_label("3 of 5").check(force=True)
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
