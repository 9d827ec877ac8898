"""Visitors in Debian's Chromium: each with a fresh profile, on a desk or with a phone far from the mast."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import sound

PROBE = (Path(__file__).parent / "probe.js").read_text()
PATH = "/chat/harbour-guide/"


@dataclass(frozen=True, slots=True)
class Condition:
    """A screen, a network, and how many times slower than this machine the processor is."""

    name: str
    width: int
    height: int
    network: dict | None = None
    slower: int = 1


# As Lighthouse's "slow 4G" when it throttles through DevTools: core/config/constants.js, `mobileSlow4G`.
SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1474.56 * 1024 / 8,
    "uploadThroughput": 675 * 1024 / 8,
}
DESK = Condition("at a desk", 1280, 800)
PHONE = Condition("with a phone: Slow 4G, processor 4 times slower", 390, 844, SLOW_4G, 4)


@contextlib.contextmanager
def chromium(*flags):
    arguments = ["--use-fake-device-for-media-stream", "--disable-background-networking", *flags]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        yield browser
        browser.close()


@contextlib.contextmanager
def sitting(browser, address, condition=DESK):
    """A page that was not opened yet, and its line to the browser's own tools."""
    size = {"width": condition.width, "height": condition.height}
    context = browser.new_context(base_url=address, viewport=size, permissions=["microphone"])
    page = context.new_page()
    page.add_init_script(sound.MICROPHONE)
    page.add_init_script(PROBE)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    if condition.network:
        tools.send("Network.emulateNetworkConditions", condition.network)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": condition.slower})
    yield page, tools
    context.close()
