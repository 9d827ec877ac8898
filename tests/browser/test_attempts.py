"""How starts of calls went is told to the server, also when none came of it."""

import time

import pytest

from tests.browser.chat import Chat
from voice.models import Attempt

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standin", "agent")]


def until(page, true, seconds=10):
    """Wait, letting the page go on, until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become so"
        page.wait_for_timeout(50)


def attempt(page, outcome):
    """The one row, once it says so; the page tells it without waiting for an answer."""
    until(page, lambda: Attempt.objects.filter(outcome=outcome).exists())
    return Attempt.objects.get()


def test_a_call_leaves_its_moments_in_order(open_page):
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("speaking")
    connected = attempt(chat.page, "live")
    assert connected.session is not None
    chat.hang_up()
    until(chat.page, lambda: "ended" in Attempt.objects.get().milliseconds)
    moments = Attempt.objects.get().milliseconds
    # The first sound may be here before the client says that it is connected.
    assert moments["allowed"] <= min(moments["connected"], moments["sound"])
    assert max(moments["connected"], moments["sound"]) <= moments["ended"]


def test_a_microphone_that_was_denied_is_told_by_the_name_of_its_sentence(open_page):
    chat = Chat(open_page(microphone=False, granted=False))
    chat.talk()
    denied = attempt(chat.page, "microphone-denied")
    assert (denied.session, denied.milliseconds) == (None, {})


def test_a_refusal_of_ours_is_told_with_its_code(open_page, settings):
    chat = Chat(open_page())
    settings.VOICE_MAX_SESSIONS = 0
    chat.watch.expect("status of 429")
    chat.talk()
    assert attempt(chat.page, "refused").detail == "busy"
