"""How long a visitor waits for a call on a running site: `python -m tests.browser.timing [--url URL] [--calls 12]`."""

import argparse
import json
import shutil
import statistics

from playwright.sync_api import sync_playwright

from tests.browser import sound

# Notes when the dock leaves "connecting", and when the first sound is really rendered (seen every 4 ms).
STOPWATCH = """
() => new Promise((done) => {
  const dock = document.getElementById("dock");
  const times = {};
  const began = performance.now();
  document.getElementById("talk").click();
  const look = setInterval(() => {
    const state = dock.dataset.state;
    if (!times.connected && !dock.hidden && state !== "asking" && state !== "connecting") {
      times.connected = performance.now() - began;
    }
    if (!times.speaking && !dock.hidden && state === "speaking") times.speaking = performance.now() - began;
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the running site (default: %(default)s)")
    parser.add_argument("--slug", default="harbour-guide", help="whose page (default: %(default)s)")
    parser.add_argument("--calls", type=int, default=12, help="calls to make, each in a fresh browser profile")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--use-fake-device-for-media-stream"]
        )
        calls = [call(browser, given) for _ in range(given.calls)]
        browser.close()
    print(
        json.dumps(
            {name: summary([one[name] for one in calls]) for name in ("connected", "speaking", "sound")}, indent=2
        )
    )


def call(browser, given):
    """One call: milliseconds from the click to connected and to the first sound."""
    context = browser.new_context(base_url=given.url, permissions=["microphone"])
    page = context.new_page()
    page.add_init_script(sound.MICROPHONE)
    page.goto(f"/chat/{given.slug}/")
    page.wait_for_load_state("networkidle")
    times = page.evaluate(STOPWATCH)
    page.locator("#end").click()
    page.wait_for_timeout(300)
    context.close()
    return times


def summary(values):
    """Median, best and worst, in milliseconds."""
    return {"p50": round(statistics.median(values)), "min": round(min(values)), "max": round(max(values))}


if __name__ == "__main__":
    main()
