"""Few minutes are left: the page says so before and during a call, and ends it when they are over."""

import uuid

import pytest
from playwright.sync_api import expect

from tests.browser.chat import Chat
from voice import minutes
from voice.models import Conversation, Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quiet(line, agent, settings):
    """Calls go on until they are hung up; the persona has five minutes today."""
    settings.VOICE_MINUTES_PERSONA_DAY = 5
    line(lambda call: (call.greet(), call.ping_every(1)))

    def used(seconds):
        thread = Conversation.objects.create(persona=agent.persona, visitor=uuid.uuid4())
        Session.objects.create(
            conversation=thread, elevenlabs_conversation_id=uuid.uuid4().hex, duration_secs=seconds,
            ended_at=thread.started_at,
        )  # fmt: skip

    return used


def test_few_minutes_are_shown_before_and_during_a_call_and_said_once(open_page, quiet):
    quiet(150)
    chat = Chat(open_page())
    expect(chat.page.locator("#composer-hint")).to_have_text("2 minutes left today")
    chat.talk()
    chat.expect_state("listening", 20)
    expect(chat.dock).to_contain_text("2 minutes left today")
    expect(chat.page.locator("#announcer")).to_contain_text("2 minutes left today")
    chat.hang_up()
    expect(chat.page.locator("#composer-hint")).to_contain_text("left today")


def test_a_call_ends_with_its_minutes_and_the_next_is_refused_with_a_sentence(open_page, quiet, monkeypatch):
    monkeypatch.setattr(minutes, "LEAST", 3)
    quiet(294)
    chat = Chat(open_page())
    chat.watch.expect("status of 429")
    chat.talk()
    expect(chat.dock).to_contain_text("seconds left in this call", timeout=20_000)
    chat.expect_state("ended", 20)
    expect(chat.dock).to_contain_text(
        "All minutes for voice with Maren Holt are used up for today. New ones come tomorrow."
    )
    assert chat.open_tracks() == 0
    chat.go_on_typing()
    Session.objects.update(there=Session.There.OVER)  # of a scripted line the stand-in knows nothing
    chat.talk()
    chat.expect_notice("used up for today")
