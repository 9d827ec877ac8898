"""What a visitor waits for, in Chromium, each call in a fresh browser profile: the page, the connection, the first sound."""

import shutil

from playwright.sync_api import sync_playwright

from benchmarks import figures, site
from tests.browser import sound

CALLS = 12
# Notes when the dock leaves "connecting", and when the first sound is really rendered (looked at every 4 ms).
STOPWATCH = """
() => new Promise((done) => {
  const dock = document.getElementById("dock");
  const times = {};
  const began = performance.now();
  document.getElementById("talk").click();
  const look = setInterval(() => {
    const state = dock.dataset.state;
    const waits = dock.hidden || state === "asking" || state === "connecting";
    if (!times.connected && !waits) times.connected = performance.now() - began;
    const element = document.querySelector("body > audio");
    if (element?.srcObject && !window.tap) {
      const context = new AudioContext();
      window.tap = context.createAnalyser();
      context.createMediaStreamSource(element.srcObject).connect(window.tap);
    }
    if (!window.tap) return;
    const samples = new Float32Array(512);
    window.tap.getFloatTimeDomainData(samples);
    if (Math.max(...samples) < 0.003) return;
    clearInterval(look);
    done({ ...times, sound: performance.now() - began });
  }, 4);
})
"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def run():
    with site.running(standin=True) as open_, sync_playwright() as playwright:
        arguments = ["--use-fake-device-for-media-stream", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        calls = [_call(browser, open_.url) for _ in range(CALLS)]
        browser.close()
    print(f"\n{CALLS} calls through the stand-in, milliseconds")
    for name, title in _TITLES.items():
        print(f"  {title:34} {figures.spread([call[name] for call in calls])}")


_TITLES = {
    "paint": "page asked for to first paint",
    "connected": "click to connected",
    "sound": "click to first sound",
    "gap": "connected to first sound",
    "typed": "typed question to its whole answer",
}


def _call(browser, url):
    context = browser.new_context(base_url=url, permissions=["microphone"])
    page = context.new_page()
    page.add_init_script(sound.MICROPHONE)
    page.goto("/chat/harbour-guide/", wait_until="networkidle")
    times = {"paint": page.evaluate(PAINT)}
    times["typed"] = page.evaluate(_TYPED)
    times |= page.evaluate(STOPWATCH)
    page.locator("#end").click()
    page.wait_for_timeout(300)
    context.close()
    return {**times, "gap": times["sound"] - times["connected"]}


# From the press of the button to the answer's citation on the page.
_TYPED = """
() => new Promise((done) => {
  const began = performance.now();
  document.querySelector("#starters button").click();
  const look = setInterval(() => {
    if (!document.querySelector("#thread .citation")) return;
    clearInterval(look);
    done(performance.now() - began);
  }, 2);
})
"""
