"""A thread is kept as a file or on paper."""

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.conftest import PHONE, QUESTION
from tests.browser.test_access import complaints, is_wider_than_the_screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


def ask(page):
    chat = Chat(page)
    chat.ask(QUESTION)
    expect(chat.turn("nine in the morning").locator(".citation")).to_have_count(1)
    return chat


def test_before_anything_was_said_there_is_nothing_to_save(open_page):
    expect(open_page().locator("#keep")).to_be_hidden()


def test_the_thread_is_saved_with_its_sources(open_page):
    page = open_page()
    ask(page)
    page.locator("#keep summary").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="As text").click()
    file = saved.value.path().read_text()
    assert QUESTION in file and "[1] Island Timetable" in file
    expect(page.locator("#keep ul")).to_be_hidden()


def test_the_menu_opens_and_closes_by_keyboard_and_fits_a_phone(open_page):
    page = open_page(viewport=PHONE)
    ask(page)
    summary = page.locator("#keep summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="As Markdown")).to_be_visible()
    assert complaints(page) == []
    assert not is_wider_than_the_screen(page)
    page.keyboard.press("Escape")
    expect(page.locator("#keep ul")).to_be_hidden()
    expect(summary).to_be_focused()


def test_on_a_phone_the_bar_is_one_line_and_its_buttons_keep_their_names(open_page):
    page = open_page(viewport=PHONE)
    ask(page)
    assert page.locator(".bar").bounding_box()["height"] < 70
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".thread > .turn")).to_have_count(0)


def test_on_paper_stands_what_was_said_and_where_it_stands_and_no_button(open_page):
    page = open_page()
    chat = ask(page)
    page.emulate_media(media="print")
    expect(chat.turn("nine in the morning").locator(".citation-quote")).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.locator(".thumbs").first).to_be_hidden()
