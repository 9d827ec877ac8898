"""What a visitor chooses about hearing and being heard: in force at once, and remembered."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser import sound
from tests.browser.chat import Chat
from tests.browser.conftest import DESKTOP, PHONE, QUESTION
from tests.browser.sheet import KEY, Sheet, choose_before, is_gone, remembered
from tests.browser.test_access import complaints, is_wider_than_the_screen
from voice import agents

pytestmark = pytest.mark.django_db(transaction=True)
VOICE = pytest.mark.usefixtures("standin", "agent")
PAGE = "/chat/harbour-guide/"
# A copy of the module that has seen nothing yet.
READ = "async (text) => { localStorage.setItem('{}', text); return (await import(`/static/voice/settings.js?${Math.random()}`)).read(); }"
DEFAULTS = {
    "microphone": "", "speaker": "", "volume": 100, "language": "", "speed": None, "captions": "normal",
    "pushToTalk": False, "shortcuts": True,
}  # fmt: skip
HOSTILE = [
    "", "{", "null", "[]", "7", '"text"', '{"speed": "1.1", "volume": -1, "captions": "<b>", "pushToTalk": 1, "shortcuts": null}',
    '{"speed": 9e99, "microphone": {"exact": "x"}, "language": ["de"]}', '{"__proto__": {"speed": 0.7}, "constructor": 1}',
    json.dumps({"microphone": "x" * 1000, "speaker": 5}), '{"volume": 101, "speed": 0.1}',
]  # fmt: skip


def test_settings_are_remembered_shared_between_two_tabs_and_taken_back(open_page, standin, agent):
    page = open_page()
    other = page.context.new_page()
    other.goto(PAGE)
    sheet, there = Sheet(page).open(), Sheet(other).open()
    for name, value in {"captions": "large", "speed": 0.8, "volume": 50, "pushToTalk": True}.items():
        sheet.choose(name, value)
    expect(there.box.locator("[name=speed]")).to_have_value("0.8")
    assert there.shown() == sheet.shown()
    assert remembered(page) == DEFAULTS | {"captions": "large", "speed": 0.8, "volume": 50, "pushToTalk": True}
    page.reload()
    assert Sheet(page).open().shown() == there.shown()
    there.box.get_by_role("button", name="Back to the defaults").click()
    expect(there.says).to_contain_text("as it was")
    expect(sheet.box.locator("[name=captions]:checked")).to_have_value("normal")
    assert remembered(other) == DEFAULTS


def test_what_does_not_fit_in_the_memory_is_as_if_it_were_not_there(open_page, persona):
    page = open_page()
    for text in HOSTILE:
        assert page.evaluate(READ.replace("{}", KEY), text) == DEFAULTS, text
    mixed = json.dumps({"speed": 1.1, "volume": "loud", "unknown": 1})
    assert page.evaluate(READ.replace("{}", KEY), mixed) == DEFAULTS | {"speed": 1.1}


def test_without_a_memory_settings_hold_until_the_page_is_closed(open_page, standin, agent):
    page = open_page("/")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    page.goto(PAGE)
    sheet = Sheet(page).open()
    expect(sheet.box).to_contain_text("keeps nothing for this page")
    sheet.choose("captions", "huge")
    sheet.close()
    assert Sheet(page).open().shown()["captions"] == "huge"


def test_language_and_speed_open_the_next_call(open_page, persona, standin):
    persona.extra_languages = ["de"]
    persona.save()
    agents.sync(agents.note(persona))
    chat = Chat(open_page())
    sheet = Sheet(chat.page).open()
    sheet.choose("language", "Deutsch")
    sheet.choose("speed", 0.7)
    assert sheet.says.text_content() == ""
    sheet.close()
    with chat.page.expect_websocket() as opened:
        chat.talk()
    begun = opened.value.wait_for_event("framesent", lambda frame: "client_data" in str(frame))
    asked = json.loads(begun)["conversation_config_override"]
    assert (asked["agent"]["language"], asked["tts"]["speed"]) == ("de", 0.7)
    chat.expect_state("speaking")  # the agent's definition allows both
    Sheet(chat.page).open().choose("speed", 1.2)
    expect(sheet.says).to_have_text("This holds from your next call on.")


def test_a_persona_of_one_language_offers_no_other(open_page, standin, agent):
    chat = Chat(open_page("/"))
    choose_before(chat.page, language="de")
    chat.page.goto(PAGE)
    assert Sheet(chat.page).open().box.locator("[name=language]").count() == 0
    Sheet(chat.page).close()
    with chat.page.expect_websocket() as opened:
        chat.talk()
    begun = opened.value.wait_for_event("framesent", lambda frame: "client_data" in str(frame))
    assert json.loads(begun)["conversation_config_override"]["agent"] == {}


def test_an_agent_that_does_not_allow_the_speed_yet_is_called_without_it(open_page, line, agent):
    asked = []

    def play(call):
        begun = call.wait_for("conversation_initiation_client_data")["conversation_config_override"]
        asked.append(begun.get("tts", {}).get("speed"))
        if asked[-1]:
            call.hang_up(1008, "Override for field 'speed' is not allowed by config.")
        call.greet()
        call.ping_every(1)

    line(play)
    chat = Chat(open_page("/"))
    choose_before(chat.page, speed=1.1)
    chat.page.goto(PAGE)
    chat.talk()
    expect(chat.turn("Good day.")).to_be_visible()
    expect(chat.notice).to_contain_text("Your language or speed cannot be used yet")
    assert asked == [1.1, None]


@VOICE
def test_microphones_are_named_tried_and_changed_during_a_call(open_page, tmp_path):
    words = sound.as_text(sound.speak(QUESTION, tmp_path, before=0, after=1))
    page = open_page("/", microphone=False)
    page.add_init_script(sound.TWO_MICROPHONES)
    page.goto(PAGE)
    chat, sheet = Chat(page), Sheet(page).open()
    assert sheet.microphone.locator("option").all_text_contents() == ["System default", "Desk microphone", "Headset"]
    sheet.choose("microphone", "Headset")
    page.wait_for_function("() => window.heard() === 'headset'")
    page.evaluate("file => window.speakInto('headset', file)", words)
    expect(page.locator("#microphone-says")).to_have_text("It hears you.")
    sheet.close()
    page.wait_for_function("() => window.heard() === ''")  # no microphone stays open behind a closed sheet
    chat.talk()
    chat.expect_state("listening", 15)
    assert page.evaluate("window.heard()") == "headset"
    Sheet(page).open().choose("microphone", "Desk microphone")
    page.wait_for_function("() => window.heard() === 'desk'")
    sheet.close()
    page.evaluate("file => window.speakInto('desk', file)", words)
    expect(chat.turn(QUESTION, "visitor")).to_be_visible(timeout=15_000)


def test_a_microphone_that_is_pulled_out_is_replaced_and_taken_again_when_it_is_back(open_page, line, agent):
    line(lambda call: (call.greet(), call.ping_every(1)))
    page = open_page("/", microphone=False)
    page.add_init_script(sound.TWO_MICROPHONES)
    choose_before(page, microphone="headset")
    page.goto(PAGE)
    chat, sheet = Chat(page), Sheet(page)
    chat.talk()
    chat.expect_state("listening")
    page.evaluate("window.pullOut('headset')")
    expect(chat.notice).to_contain_text("Your microphone was unplugged")
    assert page.evaluate("window.heard()") == "desk"
    sheet.open()
    expect(page.locator("#microphone-says")).to_contain_text("not plugged in")
    assert sheet.microphone.evaluate("one => one.selectedOptions[0].text") == "The one you chose (not plugged in)"
    page.evaluate("window.putIn('headset')")
    page.wait_for_function("() => window.heard() === 'headset'")
    expect(sheet.says).to_contain_text("is back")
    page.evaluate("window.pullOut('headset'); window.pullOut('desk')")
    chat.watch.expect("Error changing input device", "Failed to switch input device")
    expect(chat.notice).to_contain_text("so the call ended")


@VOICE
def test_devices_that_are_not_there_any_more_do_not_keep_a_call_from_starting(open_page):
    chat = Chat(open_page("/", microphone=False))
    choose_before(chat.page, microphone="gone", speaker="gone")
    chat.page.goto(PAGE)
    chat.watch.expect("Error changing output device")
    chat.talk()
    chat.expect_state("speaking")
    expect(chat.notice).to_contain_text("you chose is not")


@VOICE
def test_the_call_is_heard_through_the_chosen_speaker_which_can_be_tried(open_page):
    chat = Chat(open_page(microphone=False))
    page, sheet = chat.page, Sheet(chat.page).open()
    sinks = "[...document.querySelectorAll('body > audio')].map((one) => one.sinkId)"
    page.evaluate(
        "() => { const play = HTMLMediaElement.prototype.play; window.tried = []; HTMLMediaElement.prototype.play = function () { window.tried.push(this.sinkId); return play.call(this); }; }"
    )
    sheet.choose("speaker", "Fake Audio Output 1")
    first = remembered(page)["speaker"]
    sheet.box.get_by_role("button", name="Play a sound").click()
    page.wait_for_function("() => window.tried.length")
    assert page.evaluate("window.tried") == [first]
    sheet.close()
    chat.talk()
    chat.expect_state("speaking")
    assert page.evaluate(sinks) == [first]
    Sheet(page).open().choose("speaker", "Fake Audio Output 2")
    second = remembered(page)["speaker"]
    page.wait_for_function(f"() => {sinks}[0] === '{second}'")
    assert first != second


def test_a_browser_that_cannot_choose_the_speaker_says_so(open_page, standin, agent):
    page = open_page("/")
    page.add_init_script("delete HTMLMediaElement.prototype.setSinkId;")
    page.goto(PAGE)
    sheet = Sheet(page).open()
    expect(sheet.box).to_contain_text("plays through the system’s own speaker")
    expect(page.locator("#speaker")).to_be_hidden()


def test_no_microphone_is_opened_before_it_was_allowed(open_page, standin, agent):
    page = open_page(granted=False)
    Sheet(page).open()
    allow = page.get_by_role("button", name="Allow the microphone")
    expect(allow).to_be_visible()
    assert page.evaluate("window.liveTracks()") == 0
    allow.click()
    page.wait_for_function("() => window.liveTracks() === 1")


@VOICE
def test_the_volume_is_the_docks_and_the_captions_are_the_threads(open_page):
    chat = Chat(open_page())
    sheet = Sheet(chat.page)
    chat.talk()
    greeting = chat.turn("Good day.").locator(".turn-text")
    expect(greeting).to_be_visible()
    chat.page.locator("#volume").fill("40")
    assert sheet.open().shown()["volume"] == "40"
    sheet.choose("volume", 75)
    assert chat.page.locator("#volume").input_value() == "75"
    sizes = []
    for size in ("normal", "large", "huge"):
        sheet.choose("captions", size)
        sizes.append(greeting.evaluate("text => parseFloat(getComputedStyle(text).fontSize)"))
    assert sizes == sorted(set(sizes))
    sheet.choose("captions", "off")
    expect(greeting).to_be_hidden()
    sheet.close()
    chat.hang_up()
    expect(greeting).to_be_visible()


@pytest.fixture
def held(open_page, line, agent):
    """A call with push-to-talk, by a microphone that beeps once a second; and what the other side hears of it."""
    calls = []
    line(lambda call: (calls.append(call), call.greet(), call.ping_every(1)))
    chat = Chat(open_page("/", microphone=False, viewport=PHONE, has_touch=True))
    choose_before(chat.page, pushToTalk=True)
    chat.page.goto(PAGE)
    chat.talk()
    chat.expect_state("listening")
    return chat, calls[0]


def test_with_push_to_talk_nothing_is_heard_unless_the_button_is_held(held):
    chat, call = held
    expect(chat.page.locator("#mute")).to_be_hidden()
    expect(chat.dock).to_contain_text("Hold the button or the space bar to talk.")
    chat.page.wait_for_timeout(1500)
    assert call.loud == 0
    chat.page.locator("#hold").hover()
    chat.page.mouse.down()
    expect(chat.page.locator("#announcer")).to_have_text("Microphone on")
    for _ in range(100):
        if call.loud:
            break
        chat.page.wait_for_timeout(50)
    assert call.loud > 0
    chat.page.mouse.up()
    expect(chat.page.locator("#announcer")).to_have_text("Microphone muted")
    chat.page.wait_for_timeout(300)  # what was under way
    before = call.loud
    chat.page.wait_for_timeout(1500)
    assert call.loud == before


def test_push_to_talk_is_held_by_finger_and_keys_and_lets_go_with_the_page(held):
    chat, page = held[0], held[0].page
    hold, press, release = page.locator("#hold"), page.keyboard.down, page.keyboard.up

    def is_open(wanted):
        expect(hold).to_have_attribute("aria-pressed", str(wanted).lower())
        expect(chat.dock).to_have_attribute("data-muted", "") if not wanted else expect(
            chat.dock
        ).not_to_have_attribute("data-muted", "")

    middle = hold.evaluate("one => { const box = one.getBoundingClientRect(); return { x: box.x + 9, y: box.y + 9 }; }")
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [middle]})
    is_open(True)
    finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": middle["x"], "y": 20}]})
    is_open(True)  # a finger that slips still holds
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    is_open(False)
    for focus, key in ((chat.dock, "Space"), (hold, "Space"), (hold, "Enter")):
        focus.focus()
        press(key)
        press(key)  # keys that are held repeat themselves
        is_open(True)
        release(key)
        is_open(False)
    for away in ("window.dispatchEvent(new Event('blur'))", "document.getElementById('question').focus()"):
        hold.focus()
        press("Space")
        is_open(True)
        page.evaluate(away)
        is_open(False)
        release("Space")
    chat.question.press("Space")
    is_open(False)
    assert chat.question.input_value() == " "  # in a field it is a space
    hold.evaluate("one => one.click()")  # as a screen reader does
    is_open(True)
    Sheet(page).open()
    is_open(False)
    Sheet(page).choose("pushToTalk", False)
    expect(page.locator("#mute")).to_be_attached()
    expect(chat.dock).not_to_have_attribute("data-muted", "")


@VOICE
@pytest.mark.parametrize(
    "look", [{"viewport": DESKTOP, "color_scheme": "dark"}, {"viewport": PHONE}], ids=["wide", "phone"]
)
def test_axe_finds_nothing_in_the_sheets_before_and_during_a_call(open_page, persona, look):
    persona.extra_languages = ["de", "ar"]
    persona.save()
    page = open_page(microphone=False, reduced_motion="reduce", **look)
    chat, sheet = Chat(page), Sheet(page)
    for begin in (lambda: None, chat.talk):
        begin()
        if begin == chat.talk:
            chat.expect_state("speaking")
        sheet.open()
        assert complaints(page) == []
        assert not is_wider_than_the_screen(page)
        sheet.box.get_by_role("button", name="Show all keys").click()
        expect(page.locator("#help")).to_be_visible()
        assert complaints(page) == []
        page.keyboard.press("Escape")
        is_gone(page, "#help")


@VOICE
def test_the_sheet_is_opened_used_and_left_by_keyboard_alone(open_page):
    page = open_page(microphone=False)
    press = page.keyboard.press
    opener = page.locator(".bar [data-opens=settings]")
    opener.focus()
    press("Enter")
    expect(page.locator("#settings-title")).to_be_focused()
    reached = []
    for _ in range(20):
        press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
        if reached[-1] == "speed":
            press("ArrowLeft")
        if reached[-1] == "captions":
            press("ArrowRight")
        if reached[-1] in ("pushToTalk", "shortcuts"):
            press("Space")
        if reached[-1] == "Done":
            break
    assert {"microphone", "speaker", "volume", "Play a sound", "Done"} <= set(reached)
    kept = remembered(page)
    assert (kept["speed"], kept["captions"], kept["pushToTalk"], kept["shortcuts"]) == (0.95, "large", True, False)
    press("Escape")
    expect(opener).to_be_focused()


def test_the_sheets_are_loaded_when_they_are_first_wanted(open_page, standin, agent):
    page = open_page()
    page.wait_for_load_state("networkidle")
    loaded = "performance.getEntriesByType('resource').some((one) => one.name.includes('/sheets/'))"
    assert not page.evaluate(loaded)
    page.route("**/sheets/**", lambda route: route.abort())
    page.watch.expect("ERR_FAILED")
    page.locator(".bar [data-opens=settings]").click()
    expect(page.locator("#notice")).to_contain_text("could not be opened")
    page.unroute("**/sheets/**")
    Sheet(page).open()
