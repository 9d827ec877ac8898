"""A visitor's way through the chat page, in whatever browser: typed question, source, call, spoken question, end."""

import json
import time
from pathlib import Path

from tests.browser import sound

PATH = "/chat/harbour-guide/"
SPOKEN = "Can I take my dog on the ferry?"
HAS = {
    "dialog": "typeof HTMLDialogElement === 'function'",
    "popover": "'popover' in HTMLElement.prototype",
    "field-sizing": "CSS.supports('field-sizing', 'content')",
    "requestIdleCallback": "'requestIdleCallback' in window",
    "AudioWorklet": "typeof AudioWorkletNode === 'function'",
    "a microphone": "Boolean(navigator.mediaDevices?.getUserMedia)",
    "choice of speaker": "'setSinkId' in HTMLMediaElement.prototype",
    "choice of sample rate": "Boolean(navigator.mediaDevices?.getSupportedConstraints().sampleRate)",
}
# Notes at which rates sound runs, and holds on to the microphone's door (see `hold`).
SPY = """
(() => {
  window.spy = { rates: [], devices: navigator.mediaDevices };
  const Context = window.AudioContext;
  window.AudioContext = class extends Context {
    constructor(...options) {
      super(...options);
      window.spy.rates.push(this.sampleRate);
    }
  };
})();
"""
EXPECTED = "[ConversationalAI] Sample rate"  # the client says so where a browser keeps to its own
STATE = "document.getElementById('dock').dataset.state"
ON_THE_LINE = f"['speaking', 'listening', 'hearing'].includes({STATE})"
PERSONA = """[...document.querySelectorAll('.turn[data-speaker="persona"] .turn-text')].map((one) => one.textContent)"""
VISITOR = PERSONA.replace("persona", "visitor")
SOURCES = "document.querySelectorAll('#thread .citation').length"
NOTICE = "document.getElementById('notice').hidden ? '' : document.getElementById('notice-words').textContent"


class Journey:
    """Goes step by step, says of each whether it went, and leaves pictures in `folder`."""

    def __init__(self, browser, address, folder):
        self.browser, self.address, self.folder, self.failed = browser, address, Path(folder), []
        self.folder.mkdir(parents=True, exist_ok=True)

    def go(self):
        """Names of the steps that failed."""
        browser = self.browser
        print(f"{browser.name} {browser.version}")
        browser.resize(1280, 800)
        browser.open(self.address + PATH)
        self._try("the page keeps hold of every microphone", self.hold)
        browser.prepare(SPY)
        browser.prepare(sound.MICROPHONE)
        browser.open(self.address + PATH)
        has = browser.run(f"({{{', '.join(f'{json.dumps(name)}: {test}' for name, test in HAS.items())}}})")
        print("  has: " + ", ".join(name for name in has if has[name]))
        print("  lacks: " + (", ".join(name for name in has if not has[name]) or "nothing that is asked for"))
        for name, step in self.steps().items():
            self._try(name, step)
        return self.failed

    def steps(self):
        return {
            "a typed question is answered with its source": self.type,
            "the source opens, shows the passage, and Escape closes it": self.open_source,
            "a call is connected": self.call,
            "the greeting is heard": self.hear,
            "a spoken question is understood": self.speak,
            "and answered with its source": lambda: self.until(f"{SOURCES} > {self.sources}", 25),
            "a typed question in the call is answered": self.type_in_call,
            "muting and unmuting": self.mute,
            "the call ends when End is pressed": self.end,
            "the thread is there after a reload": self.reload,
            "on a phone's screen nothing is wider than the screen": self.narrow,
            "no error, no warning, nothing refused by the policy": self.complain,
        }

    def _try(self, name, step):
        try:
            step()
            print(f"  ok      {name}")
        except (AssertionError, RuntimeError, LookupError) as problem:
            self.failed.append(name)
            print(f"  FAILED  {name}: {problem or 'not so'} {self.browser.run(NOTICE)}")
            self.picture(f"failed-{len(self.failed)}")

    def until(self, expression, seconds=15):
        until = time.monotonic() + seconds
        while not self.browser.run(expression):
            assert time.monotonic() < until, f"not within {seconds} s: {expression}"
            time.sleep(0.1)

    def picture(self, name):
        self.browser.picture(self.folder / f"{self.browser.name.lower()}-{name}.png")

    def hold(self):
        """WebKit throws away `navigator.mediaDevices`, and what was put on it, as soon as no script holds it."""
        time.sleep(2)
        assert not self.browser.run("navigator.mediaDevices.getUserMedia.toString().includes('native code')")

    def type(self):
        self.picture("first")
        self.browser.type("#question", "When does the last boat come back from the island?")
        self.until(f"{SOURCES} > 0")

    def open_source(self):
        self.browser.click("#thread .citation-link")
        self.until("Boolean(document.querySelector('#source[open] mark'))")
        self.picture("source")
        self.browser.press("Escape")
        self.until("!document.getElementById('source').open")

    def call(self):
        self.browser.click("#talk")
        self.until(f"document.getElementById('check').open || {ON_THE_LINE}")
        if not self.browser.run(ON_THE_LINE):  # a first call begins with a look at the microphone
            self.picture("microphone")
            self.browser.click("#check-skip")
        self.until(ON_THE_LINE)

    def hear(self):
        self.browser.run(f"({sound.EAR})()")
        self.until("window.ear.loud > 0.3")
        self.picture("speaking")
        print(f"          sound runs at {self.browser.run('window.spy.rates')} Hz")
        self.until(f"{STATE} === 'listening' && window.ear.now < 0.005", 25)

    def speak(self):
        self.sources = self.browser.run(SOURCES)
        words = sound.as_text(sound.speak(SPOKEN, self.folder, before=0, after=1))
        self.browser.run(f"window.speak({json.dumps(words)})")
        self.until(f"{VISITOR}.some((text) => /dog/i.test(text))", 20)

    def type_in_call(self):
        sources = self.browser.run(SOURCES)
        self.browser.type("#question", "What does a night cost for a boat of ten metres?")
        self.until(f"{SOURCES} > {sources}", 25)
        self.picture("answered")

    def mute(self):
        for pressed in ("true", "false"):
            self.browser.click("#mute")
            self.until(f"document.getElementById('mute').getAttribute('aria-pressed') === '{pressed}'")

    def end(self):
        self.browser.click("#end")
        self.until("!document.getElementById('talk').hidden")
        self.until("window.liveTracks() === 0")

    def reload(self):
        said = len(self.browser.run(VISITOR))
        time.sleep(2)
        self.complaints = list(self.browser.complaints)
        self.browser.open(self.address + PATH)
        assert said == len(self.browser.run(VISITOR)), (
            f"{said} questions before, {len(self.browser.run(VISITOR))} after"
        )

    def narrow(self):
        self.browser.resize(390, 844)
        time.sleep(0.5)
        self.picture("phone")
        self.until("document.documentElement.scrollWidth <= innerWidth", 2)

    def complain(self):
        found = [one for one in (*self.complaints, *self.browser.complaints) if EXPECTED not in one]
        assert not found, found
