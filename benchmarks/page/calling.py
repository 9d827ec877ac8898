"""Calls through the stand-in: how long until somebody is there, against a page that is nothing but the official client."""

import tempfile
import wave
from array import array
from collections import defaultdict
from pathlib import Path

from benchmarks import figures
from benchmarks.page import visitors
from benchmarks.page.targets import Target, show
from tests.browser import sound

# The bare client with its bundle preloaded, on a machine of this kind, twelve calls: 114 and 160 ms. Ten in a hundred more.
TARGETS = {
    "connected": Target("Talk pressed to connected", 125),
    "sound": Target("Talk pressed to the first sound", 176),
    "words": Target("question sent to its first words", 200),
    "whole": Target("question sent to its whole answer", 400),
    "heard": Target("end of speech to the answer heard", 950),
}
BARE = {"connected": Target("bare: pressed to connected"), "sound": Target("bare: pressed to the first sound")}
MOST_TIMES = 1.5  # as long as the bare page, at most
LIVE = "#dock:not([hidden], [data-state=asking], [data-state=connecting])"
SPOKEN = "Can I take my dog on the ferry?"


def run(browser, address, calls):
    """Each in a fresh profile, ours and the bare page in turn. Titles of the targets that were missed."""
    seen, bare = defaultdict(list), defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        question = sound.speak(SPOKEN, Path(folder), before=0, after=1)
        length, words = _speech(question), sound.as_text(question)
    for number in range(calls + 1):  # the first one finds nothing warm, and is not counted
        for told, into in ((_ours(browser, address, words, length), seen), (_bare(browser, address), bare)):
            for name, value in told.items():
                into[name] += [value] if number else []
    print(f"\n{calls} calls at a desk")
    missed = [title for name, target in TARGETS.items() for title in show(target, seen[name])]
    for name, target in BARE.items():
        show(target, bare[name])
        times = figures.percentile(seen[name], 0.5) / figures.percentile(bare[name], 0.5)
        missed += [f"{name}: times the bare page"] if times > MOST_TIMES else []
        print(
            f"  {'':44} ours is {times:.2f} times that, at most {MOST_TIMES}{'   MISSED' if times > MOST_TIMES else ''}"
        )
    return missed


def _ours(browser, address, words, length):
    with visitors.sitting(browser, address) as (page, _):
        page.goto(visitors.PATH, wait_until="networkidle")
        told = page.evaluate("bench.ask()") | page.evaluate("mark => bench.call(mark)", LIVE)
        told["heard"] = page.evaluate("([file, length]) => bench.speak(file, length)", [words, length])
        page.locator("#end").click()
        page.wait_for_timeout(300)
    return told


def _bare(browser, address):
    with visitors.sitting(browser, address) as (page, _):
        page.goto("/bare/call/", wait_until="networkidle")
        page.locator("body[data-ready]").wait_for()
        return page.evaluate("bench.call('body[data-connected]')")


def _speech(file):
    """Milliseconds until the last word of the file is over."""
    with wave.open(str(file)) as sounding:
        samples = array("h", sounding.readframes(sounding.getnframes()))
        rate = sounding.getframerate()
    return 1000 * max(place for place, value in enumerate(samples) if abs(value) > 300) / rate
