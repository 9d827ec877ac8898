"""All lines are taken: visitors stand in line, type meanwhile, and talk when it is their turn."""

import time
import uuid

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.chat import Chat
from tests.browser.test_access import complaints
from voice import endings, queue, waiting
from voice.models import Conversation, Session

pytestmark = pytest.mark.django_db(transaction=True)
AXE = "{ resultTypes: ['violations'], preload: false }"
NOWHERE = "redis://127.0.0.1:9/0"


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    """One line; pages ask several times a second."""
    settings.VOICE_MAX_SESSIONS = 1
    monkeypatch.setattr(waiting, "AGAIN", ((1_000, 0.6),))
    monkeypatch.setattr(waiting, "ANOTHER_PAGE", 0.5)


@pytest.fixture
def somebody(agent):
    """Somebody else, who holds the line."""
    thread = Conversation.objects.create(persona=agent.persona, visitor=uuid.uuid4())
    session = Session.objects.create(conversation=thread, elevenlabs_conversation_id="somebody")

    def hang_up():
        Session.objects.filter(pk=session.pk).update(ended_at=timezone.now(), there=Session.There.OVER)

    return hang_up


def confirm():
    """What the workers do, who do not run here: see at the stand-in that the calls are over."""
    until = time.monotonic() + 20
    while Session.objects.unsettled().exists():
        assert time.monotonic() < until
        endings.sweep()
        time.sleep(0.1)


def in_line(page):
    chat = Chat(page)
    chat.watch.expect("status of 429", "status of 503")  # on a busy machine Redis may be late, and is asked again
    chat.talk()
    chat.expect_state("waiting")
    return chat


def test_whoever_waits_types_meanwhile_and_talks_in_turn(open_page, standin, agent, somebody):
    first = in_line(open_page())
    expect(first.dock).to_contain_text("You are next in line")
    expect(first.page.locator("#announcer")).to_contain_text("You are next in line")
    second = in_line(open_page())
    expect(second.dock).to_contain_text("You are 2nd in line")
    first.go_on_typing()
    assert first.open_tracks() == 0
    assert complaints(first.page, options=AXE) == []
    somebody()
    first.expect_state("turn")
    expect(first.page.locator("#announcer")).to_contain_text("It is your turn. Press Talk now")
    assert first.page.title().startswith("It is your turn")
    assert complaints(first.page, options=AXE) == []
    second.expect_state("waiting")
    first.page.get_by_role("button", name="Talk now").click()
    first.expect_state("listening", 20)
    assert not first.page.title().startswith("It is your turn")
    expect(second.dock).to_contain_text("You are next in line")
    first.hang_up()
    confirm()
    second.expect_state("turn")


def test_a_turn_that_is_not_taken_passes_to_the_next_and_the_visitor_is_told(open_page, standin, somebody, settings):
    settings.VOICE_TURN_SECONDS = 2
    first, second = in_line(open_page()), in_line(open_page())
    first.watch.expect("status of 410")
    somebody()
    expect(first.dock).to_contain_text("kept for you for 0:0")
    first.expect_notice("Your turn has passed", 10)
    expect(second.dock).to_contain_text("It is your turn")
    first.go_on_typing()


def test_the_line_can_be_left_and_a_page_that_goes_away_leaves_it(open_page, standin, somebody):
    first, second = in_line(open_page()), in_line(open_page())
    first.page.get_by_role("button", name="Leave the line").click()
    expect(first.talk_button).to_be_focused()
    expect(first.dock).to_be_hidden()
    expect(second.dock).to_contain_text("You are next in line")
    second.page.goto("/")  # closing a tab does the same, but Playwright's way of it tells the page nothing
    until = time.monotonic() + 10
    while queue.length() and time.monotonic() < until:
        time.sleep(0.1)
    assert queue.length() == 0


def test_a_second_tab_shares_the_place(open_page, standin, somebody):
    first = in_line(open_page())
    tab = first.page.context.new_page()
    tab.watch = first.watch
    tab.goto("/chat/harbour-guide/")
    second = in_line(tab)
    expect(second.dock).to_contain_text("You are next in line")
    assert queue.length() == 1
    tab.close()
    first.page.wait_for_timeout(1500)
    expect(first.dock).to_contain_text("You are next in line")


def test_a_call_that_elevenlabs_has_no_line_for_waits_instead_of_failing(open_page, line, agent, monkeypatch, settings):
    settings.VOICE_MAX_SESSIONS = 30
    monkeypatch.setattr(queue, "REFUSED", 5000)  # long enough to be seen waiting on a busy machine
    line(lambda call: call.hang_up(3008, "too many concurrent connections"))
    chat = Chat(open_page())
    chat.talk()
    expect(chat.dock).to_contain_text("You are next in line")
    chat.expect_state("turn")
    line(lambda call: (call.greet(), call.ping_every(1)))
    chat.page.get_by_role("button", name="Talk now").click()
    expect(chat.turn("Good day.")).to_be_visible()
    chat.hang_up()


def test_in_elevenlabs_own_line_the_page_says_so_and_typing_goes_on(open_page, line, agent):
    lines = []

    def queue_first(call):
        lines.append(call)
        call.answer_the_call()
        call.send("queue_status", status="waiting")
        call.closed.wait(60)

    line(queue_first)
    chat = Chat(open_page())
    chat.talk()
    chat.expect_state("waiting")
    expect(chat.dock).to_contain_text("All lines are taken; hold on")
    chat.go_on_typing()
    assert not [message for message in lines[0].received if message["type"] == "user_message"]
    lines[0].send("queue_status", status="admitted")
    chat.expect_state("listening")
    chat.hang_up()


def test_a_call_that_drops_keeps_its_line_past_those_who_wait(open_page, line, agent):
    calls = []

    def drop_once(call):
        calls.append(call)
        if len(calls) > 1:
            call.answer_the_call()
            return call.ping_every(1)
        call.greet()
        while queue.length() == 0 and not call.closed.wait(0.1):
            pass
        return call.connection.socket.close()

    line(drop_once)
    caller = Chat(open_page())
    caller.talk()
    caller.expect_state("listening", 20)
    Session.objects.update(there=Session.There.RUNS)  # of a scripted line the stand-in knows nothing
    other = in_line(open_page())
    expect(caller.page.locator("#announcer")).to_contain_text("connected again")
    other.expect_state("waiting")
    caller.hang_up()
    Session.objects.update(there=Session.There.OVER)
    other.expect_state("turn")


def test_while_redis_is_away_the_visitor_is_told_as_ever(open_page, standin, somebody, settings):
    settings.REDIS_URL = NOWHERE
    chat = Chat(open_page())
    chat.watch.expect("status of 429", "status of 503")
    chat.talk()
    chat.expect_notice("try again in a minute", 15)
    chat.go_on_typing()
