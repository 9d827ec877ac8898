"""The chat page as a test drives it: what a person would do, and what they would see."""

from playwright.sync_api import expect

from tests.browser.sound import EAR


class Chat:
    """One open chat page."""

    def __init__(self, page):
        self.page, self.watch = page, page.watch
        self.dock, self.notice = page.locator("#dock"), page.locator("#notice")
        self.question, self.talk_button = page.locator("#question"), page.locator("#talk")
        self.panel = page.locator("#source")

    def ask(self, text):
        """Type a question and send it with Enter, once the page's script is there: without it Enter is a new line."""
        self.page.wait_for_load_state()
        self.question.fill(text)
        self.question.press("Enter")

    def talk(self):
        self.talk_button.click()

    def hang_up(self):
        self.page.locator("#end").click()

    def speak(self, wav):
        """Say something into the scripted microphone."""
        self.page.evaluate("file => window.speak(file)", wav)

    def expect_state(self, state, seconds=10):
        expect(self.dock).to_have_attribute("data-state", state, timeout=seconds * 1000)

    def expect_notice(self, words, seconds=5):
        """A sentence for the visitor, after which they can type at once."""
        expect(self.notice).to_contain_text(words, timeout=seconds * 1000)
        expect(self.question).to_be_focused()
        expect(self.talk_button).to_be_visible()

    def connect(self):
        """Talk, and wait until the call is live."""
        self.talk()
        expect(self.page.locator("#announcer")).to_have_text(self.sentence("announce-live"))

    def sentence(self, name):
        """What the page says under this name, see templates/voice/_sentences.html."""
        find = "name => document.getElementById('sentences').content.querySelector(`[data-name=${name}]`).textContent"
        return self.page.evaluate(find, name)

    def expect_explained(self, name, seconds=5):
        """The whole sentence of that name, a free microphone, and the cursor where one goes on typing."""
        self.expect_notice(self.sentence(name), seconds)
        assert self.open_tracks() == 0

    def go_on_typing(self):
        """Whatever happened to the call, the thread goes on in text."""
        self.ask("When does the ferry to the island leave?")
        expect(self.turn("nine in the morning")).to_be_visible(timeout=10_000)

    def turn(self, words, speaker="persona"):
        """The turn in which somebody said these words."""
        return self.page.locator(f'.turn[data-speaker="{speaker}"]').filter(has_text=words)

    def turns(self):
        """Everything said, as (speaker, text)."""
        return self.page.eval_on_selector_all(
            ".thread > .turn",
            "rows => rows.map(row => [row.dataset.speaker, row.querySelector('.turn-text').textContent])",
        )

    def citations(self, turn):
        """Titles of a turn's sources."""
        return turn.locator(".citation-title").all_text_contents()

    def listen_to_speaker(self):
        """Begin to measure what is really played."""
        self.page.evaluate(EAR)

    def open_tracks(self):
        """How many microphone tracks are live."""
        return self.page.evaluate("window.liveTracks()")
