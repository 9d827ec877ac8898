"""`python -m benchmarks endurance`: one call of half an hour in Chromium, and what page and server hold on to meanwhile.

Not part of `make bench`. A question is typed or spoken every twenty seconds; once a minute rubbish is collected, and what
is left is counted. What a call holds may grow by its turns, which are on the page, and by nothing else.
"""

import argparse
import json
import math
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect

from benchmarks import site, watching
from benchmarks.page import visitors
from tests.browser import sound
from tests.browser.toured import TOURED

PAUSE = 20  # seconds from one question to the next: about three tool calls a minute, as people ask
TYPED = ("When does the ferry to the island leave?", "What does a berth cost?")
COUNTED = ("Nodes", "JSEventListeners", "Documents", "JSHeapUsedSize")
SETTLED = 3  # minutes after which every cache is full
ROOM = {"VOICE_IDLE_SECONDS": "300"}


def run(options):
    """Print the figures of each minute and their slopes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks endurance", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    minutes = parser.parse_args(options).minutes
    longest = str(int(minutes * 60 + 300))
    with (
        site.running(standin=True, postgresql=True, tasks=True, VOICE_MAX_SECONDS=longest, **ROOM) as open_,
        visitors.chromium() as browser,
        visitors.sitting(browser, open_.url) as (page, tools),
    ):
        samples = _talk(page, tools, open_, minutes)
    for line in report(samples):
        print(line)


def _talk(page, tools, open_, minutes):
    """One sample for each minute: {"minute", "turns", of the page what COUNTED names, megabytes by program}."""
    page.add_init_script(TOURED)
    page.goto(visitors.PATH, wait_until="networkidle")
    tools.send("Performance.enable")
    page.locator("#talk").click()
    page.locator("#dock[data-state=listening]").wait_for(timeout=30_000)
    samples, began = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        spoken = sound.as_text(sound.speak("Can I take my dog on the ferry?", Path(folder), before=0, after=1))
        for number in range(math.ceil(minutes * 60 / PAUSE)):
            _ask(page, number, spoken)
            due = began + PAUSE * (number + 1)
            page.wait_for_timeout(max(0, (due - time.monotonic()) * 1000))
            if number % 3 == 2:
                samples.append(_sample(page, tools, open_, time.monotonic() - began))
                print("  " + json.dumps(samples[-1]), flush=True)
    return samples


def _ask(page, number, spoken):
    """Two typed questions, then a spoken one; each is waited for until it is answered."""
    answers = page.locator(".thread > .turn[data-speaker=persona]")
    before = answers.count()
    if number % 3 == 2:
        page.evaluate("file => window.speak(file)", spoken)
    else:
        page.locator("#question").fill(TYPED[number % 2])
        page.locator("#question").press("Enter")
    expect(answers).not_to_have_count(before, timeout=30_000)


def _sample(page, tools, open_, seconds):
    if page.locator("#dock").get_attribute("data-state") == "ended":
        raise SystemExit(f"The call ended after {seconds:.0f} s: {page.locator('#notice').text_content()}")
    for _ in range(4):  # what one round frees may hold what only the next one can
        tools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(100)
    told = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    programs = {"web": open_.server, "worker": open_.worker, "PostgreSQL": open_.postgresql, "Valkey": open_.valkey}
    held = {name: round(watching.look(0, program).megabytes, 1) for name, program in programs.items()}
    turns = page.locator(".thread > .turn").count()
    return {"minute": round(seconds / 60, 2), "turns": turns, **{name: told[name] for name in COUNTED}, **held}


def report(samples):
    """A line for each figure: at the start, at the end, and its rise a minute with the error of that slope."""
    kept = [sample for sample in samples if sample["minute"] >= SETTLED] or samples
    yield f"\n{samples[-1]['minute']:.0f} minutes, {samples[-1]['turns']} turns; from minute {SETTLED} on, twice the standard error"
    for name in samples[0]:
        if name != "minute":
            rise, error = slope([(sample["minute"], sample[name]) for sample in kept])
            yield f"  {name:18} {kept[0][name]:>12,} → {kept[-1][name]:>12,}   {rise:+12,.3f} ± {2 * error:,.3f} a minute"
    for name in COUNTED:
        rise, error = slope([(sample["turns"], sample[name]) for sample in kept])
        yield f"  {name:18} {rise:+12,.2f} ± {2 * error:,.2f} a turn"


def slope(points):
    """(rise, standard error) of (x, y) points by least squares; the error is infinite below three points."""
    count = len(points)
    middle, mean = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - middle) ** 2 for x, _ in points)
    if count < 3 or not spread:
        return 0.0, math.inf
    rise = sum((x - middle) * (y - mean) for x, y in points) / spread
    left = sum((y - mean - rise * (x - middle)) ** 2 for x, y in points)
    return rise, math.sqrt(left / (count - 2) / spread)
