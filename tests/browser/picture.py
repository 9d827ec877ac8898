"""Pictures of a running site: `python -m tests.browser.picture [--url URL] [--all FOLDER]`.

Without `--all` it takes the README's picture, docs/screenshot.png: a question asked aloud, the answer being spoken, its
source open beside it. With `--all` it takes every state at two widths in two themes, to be looked at.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser import sound
from tests.browser.toured import TOURED

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SPEECH_SECONDS = 20_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the running site (default: %(default)s)")
    parser.add_argument("--slug", default="harbour-guide", help="whose page (default: %(default)s)")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every state instead, into this folder")
    given = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--use-fake-device-for-media-stream"]
        )
        if given.all:
            take_all(browser, given)
        else:
            take_one(browser, given)
        browser.close()


def open_page(browser, given, width="desktop", theme="light"):
    context = browser.new_context(
        base_url=given.url,
        viewport=WIDTHS[width],
        color_scheme=theme,
        permissions=["microphone"],
        device_scale_factor=1,
    )
    context.add_init_script(TOURED)
    page = context.new_page()
    page.add_init_script(sound.MICROPHONE)
    page.goto(f"/chat/{given.slug}/")
    return page


def take_one(browser, given):
    page = open_page(browser, given)
    talk_and_ask(page)
    page.locator(".citation-link").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    page.mouse.move(5, 5)
    page.wait_for_timeout(900)
    file = ROOT / "docs" / "screenshot.png"
    page.screenshot(path=file)
    print(f"{file}: {file.stat().st_size // 1024} KB")


def talk_and_ask(page):
    """Start a call, ask the first starter question aloud, wait until its answer is being spoken."""
    question = page.locator(".starter").first.get_attribute("value")
    with tempfile.TemporaryDirectory() as folder:
        wav = sound.as_text(sound.speak(question, Path(folder), before=0, after=1))
    page.locator("#talk").click()
    dock = page.locator("#dock")
    expect(dock).to_have_attribute("data-state", "speaking", timeout=SPEECH_SECONDS)
    expect(dock).to_have_attribute("data-state", "listening", timeout=SPEECH_SECONDS)
    page.evaluate("file => window.speak(file)", wav)
    expect(page.locator(".citation").first).to_be_visible(timeout=SPEECH_SECONDS)
    expect(dock).to_have_attribute("data-state", "speaking", timeout=SPEECH_SECONDS)


def take_all(browser, given):
    given.all.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        for theme in ("light", "dark"):
            take_states(open_page(browser, given, width, theme), given.all / f"{width}-{theme}")


def take_states(page, stem):
    def take(state):
        page.wait_for_timeout(400)
        page.screenshot(path=f"{stem}-{state}.png")

    take("empty")
    page.goto("/")
    take("list")
    page.go_back()
    page.locator(".starter").nth(1).click()
    expect(page.locator(".citation").first).to_be_visible(timeout=SPEECH_SECONDS)
    take("answer")
    page.locator(".citation-link").first.click()
    expect(page.locator("#source mark")).to_be_visible()
    take("source")
    page.locator("#source-close").click()
    take_call(page, take)
    page.goto(page.locator(".citation-link").first.evaluate("link => link.href"))
    take("document")
    page.context.close()


def take_call(page, take):
    page.locator("#talk").click()
    dock = page.locator("#dock")
    expect(dock).to_have_attribute("data-state", "speaking", timeout=SPEECH_SECONDS)
    take("speaking")
    expect(dock).to_have_attribute("data-state", "listening", timeout=SPEECH_SECONDS)
    take("listening")
    page.locator("#end").click()
    take("ended")
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }; }"
    )
    page.locator("#talk").click()
    take("refused")


if __name__ == "__main__":
    main()
