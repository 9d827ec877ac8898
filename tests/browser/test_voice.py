"""The main thing: somebody talks to a persona, hears the answer, and sees where it stands."""

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import QUESTION, chromium
from tests.browser.sheet import choose_before
from voice import journal
from voice.models import Session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]
ANSWER = "nine in the morning"


@pytest.fixture
def spoken(playwright, tmp_path):
    """A browser whose microphone says the question, once, after the greeting."""
    file = sound.speak(QUESTION, tmp_path, before=5, after=20)
    assert file.stat().st_size > 100_000, "the spoken question is missing"
    with chromium(playwright, f"--use-file-for-fake-audio-capture={file}%noloop") as browser:
        yield browser


@pytest.fixture
def words(tmp_path):
    return sound.as_text(sound.speak(QUESTION, tmp_path, before=0, after=1))


def test_a_spoken_question_is_heard_answered_aloud_and_cited_while_it_is_heard(spoken, open_page):
    page = open_page(within=spoken, microphone=False)
    chat = Chat(page)
    chat.talk()
    chat.expect_state("speaking")
    expect(chat.turn("Good day.")).to_be_visible()
    expect(chat.turn(QUESTION, "visitor")).to_be_visible(timeout=20_000)
    chat.listen_to_speaker()
    answer = chat.turn(ANSWER)
    expect(answer.locator(".citation")).to_have_count(1, timeout=10_000)
    chat.expect_state("speaking", 1)  # the source stands there while the answer is heard
    assert chat.citations(answer) == ["Island Timetable"]
    chat.expect_state("listening", 15)
    ear = page.evaluate("window.ear")
    assert ear["loudness"] > 0.02 and ear["loud"] > 1, f"no answer came out of the speaker: {ear}"
    answer.locator(".citation-link").click()
    expect(chat.panel.locator("mark")).to_contain_text(ANSWER)
    said = chat.turns()
    chat.hang_up()
    page.reload()
    assert chat.turns() == said
    expect(chat.turn(ANSWER).locator(".citation")).to_have_count(1)


def test_a_look_up_that_is_written_down_late_still_stands_on_its_answer(open_page, monkeypatch):
    monkeypatch.setattr(journal, "LINGER_SECONDS", 0.5)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening", 15)
    chat.ask(QUESTION)
    expect(chat.turn(ANSWER).locator(".citation")).to_have_count(1, timeout=10_000)


def test_words_appear_with_the_voice(open_page):
    chat = Chat(open_page())
    chat.talk()
    row = chat.turn("Good day.").locator(".turn-text")
    expect(row).to_be_visible()
    chat.expect_state("speaking")
    assert len(row.text_content()) < len("Good day. What would you like to know?")
    expect(row).to_have_text("Good day. What would you like to know?", timeout=8000)


def test_a_voice_interrupts_and_only_what_was_heard_stays(open_page, words):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.ask(QUESTION)
    answer = chat.turn("The ferry")
    expect(answer).to_be_visible(timeout=10_000)
    chat.page.wait_for_timeout(700)
    chat.speak(words)
    expect(answer).to_have_attribute("data-interrupted", "", timeout=5000)
    expect(answer).to_contain_text("this is what was heard")
    heard = answer.locator(".turn-text").text_content()
    assert "five in the afternoon" not in heard
    expect(chat.turn(QUESTION, "visitor")).to_have_count(2, timeout=10_000)
    chat.hang_up()
    chat.page.wait_for_timeout(800)
    chat.page.reload()
    kept = chat.page.locator(".turn[data-interrupted] .turn-text").first.text_content()
    assert kept == heard


def test_a_question_typed_in_a_call_is_answered_aloud_in_the_same_thread(open_page):
    chat = Chat(open_page())
    chat.ask("What does a night at the pier cost?")
    expect(chat.turn("twenty euros").locator(".citation")).to_have_count(1, timeout=10_000)
    chat.talk()
    chat.expect_state("listening")
    chat.ask(QUESTION)
    answer = chat.turn(ANSWER)
    expect(answer.locator(".citation")).to_have_count(1, timeout=15_000)
    expect(answer).to_have_attribute("data-channel", "spoken")
    assert chat.turn(QUESTION, "visitor").get_attribute("data-channel") == "typed"
    assert [speaker for speaker, _ in chat.turns()] == ["visitor", "persona", "persona", "visitor", "persona"]


def test_the_agent_is_told_what_was_typed_before(open_page, standin):
    chat = Chat(open_page())
    chat.ask("What does a night at the pier cost?")
    expect(chat.turn("twenty euros")).to_be_visible(timeout=10_000)
    with chat.page.expect_websocket() as opened:
        chat.talk()
    told = []
    opened.value.on("framesent", lambda frame: told.append(frame) if "contextual_update" in str(frame) else None)
    chat.expect_state("listening")
    assert any("twenty euros" in str(frame) for frame in told)


def test_muting_sends_silence_and_says_so(open_page, words):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    mute = chat.page.get_by_role("button", name="Mute")
    mute.click()
    expect(mute).to_have_attribute("aria-pressed", "true")
    expect(chat.dock).to_contain_text("muted")
    chat.speak(words)
    chat.page.wait_for_timeout(2500)
    assert chat.turn(QUESTION, "visitor").count() == 0
    mute.click()
    chat.speak(words)
    expect(chat.turn(QUESTION, "visitor")).to_be_visible(timeout=10_000)


def test_the_volume_reaches_the_speaker(open_page):
    chat = Chat(open_page())
    choose_before(chat.page, volume=0)
    chat.talk()
    chat.expect_state("speaking")
    chat.listen_to_speaker()
    chat.page.wait_for_timeout(1000)
    assert chat.page.evaluate("window.ear.loudness") < 0.001
    chat.page.locator("#volume").fill("100")
    chat.ask(QUESTION)
    chat.page.wait_for_function("() => window.ear.loudness > 0.02", timeout=10_000)


def test_hanging_up_frees_the_microphone_and_gives_talk_back(open_page):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    assert chat.open_tracks() == 1
    chat.hang_up()
    chat.expect_state("ended", 2)
    expect(chat.talk_button).to_be_focused()
    assert chat.open_tracks() == 0


def test_hanging_up_in_mid_sentence_keeps_only_what_was_heard(open_page):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.ask(QUESTION)
    answer = chat.turn("The ferry to")
    expect(answer).to_be_visible(timeout=10_000)
    chat.hang_up()
    expect(answer).to_have_attribute("data-interrupted", "")
    heard = answer.locator(".turn-text").text_content()
    assert "five in the afternoon" not in heard
    chat.page.wait_for_timeout(500)
    chat.page.reload()
    assert ["persona", heard] in chat.turns()


def test_what_was_heard_to_its_end_is_no_interruption(open_page):
    chat = Chat(open_page())
    chat.talk()
    greeting = chat.turn("What would you like to know?")
    expect(greeting.locator(".turn-text")).to_have_text("Good day. What would you like to know?", timeout=15_000)
    chat.expect_state("listening", 15)
    chat.hang_up()
    expect(chat.talk_button).to_be_visible()
    expect(greeting).not_to_have_attribute("data-interrupted", "")


def test_leaving_the_page_in_mid_sentence_keeps_what_was_heard_and_ends_the_call(open_page):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("listening")
    chat.ask(QUESTION)
    expect(chat.turn("The ferry to")).to_be_visible(timeout=10_000)
    chat.page.goto("/")
    chat.page.wait_for_timeout(1000)
    chat.page.goto("/chat/harbour-guide/")
    answer = chat.page.locator(".turn[data-interrupted] .turn-text")
    expect(answer).to_contain_text("The")
    assert "five in the afternoon" not in answer.text_content()
    session = Session.objects.get()
    assert session.ended_at is not None and session.end_reason == "page left"


def test_two_calls_after_each_other_share_one_thread(open_page):
    chat = Chat(open_page())
    for calls in (1, 2):
        chat.talk()
        expect(chat.turn("What would you like to know?")).to_have_count(calls)  # heard to its end
        chat.expect_state("listening")
        chat.hang_up()
        chat.expect_state("ended")
    assert [text for _, text in chat.turns()] == ["Good day. What would you like to know?"] * 2


def test_a_second_click_does_not_start_a_second_call(open_page, standin):
    chat = Chat(open_page())
    standin.forget_requests()
    chat.talk_button.evaluate("button => { button.click(); button.click(); button.click(); }")
    chat.expect_state("listening")
    assert len(standin.requests("GET", "/v1/convai/conversation/get-signed-url")) == 1
