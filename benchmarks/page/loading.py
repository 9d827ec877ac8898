"""The first visit: how soon the page is there, how much it loads, and how quickly it answers a press."""

from collections import Counter, defaultdict
from urllib.parse import urlsplit

from benchmarks.page import visitors
from benchmarks.page.targets import Target, show

# What web.dev calls good, at the 75th visitor of a hundred; kilobytes are ours.
FIRST = {
    "paint": Target("first paint", 1800),
    "largest": Target("largest paint", 2500),
    "usable": Target("typed chat is quick (its script has run)", 3000),
    "blocked": Target("blocked beyond 50 ms a task", 200),
    "shift": Target("layout shift", 0.1, "", 3),
    "bytes": Target("loaded in all", 100, "KB", 1),
    "requests": Target("requests", None, ""),
    "strangers": Target("hosts that are not ours", 0, ""),
}
GOOD_PRESS = 200
LETTERS, REST = "When", " does the ferry leave?"  # typed at a person's pace: Chromium tells no more than ten at a time


def run(browser, address, condition, visits):
    """Titles of the targets that were missed."""
    seen, weights = defaultdict(list), None
    for _ in range(visits):
        told, weights = visit(browser, address, condition)
        for name, value in told.items():
            seen[name].append(value)
    print(f"\n{visits} first visits {condition.name}")
    missed = [title for name, target in FIRST.items() for title in show(target, seen[name])]
    print("  " + ", ".join(f"{kind} {size / 1000:.1f} KB in {count}" for kind, (size, count) in weights.items()))
    return missed


def visit(browser, address, condition):
    """(figures by name, {kind: (bytes, files)}) of one visit, the client included, which comes last."""
    with visitors.sitting(browser, address, condition) as (page, tools):
        sizes, kinds, hosts = {}, {}, set()
        tools.on("Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]}))
        tools.on("Network.requestWillBeSent", lambda told: hosts.add(urlsplit(told["request"]["url"]).netloc))
        tools.on("Network.loadingFinished", lambda told: sizes.update({told["requestId"]: told["encodedDataLength"]}))
        page.goto(visitors.PATH, wait_until="networkidle")
        told = page.evaluate("bench.loading()")
    counts = Counter(kinds[one] for one in sizes)
    weights = {kind: (sum(size for one, size in sizes.items() if kinds[one] == kind), counts[kind]) for kind in counts}
    told |= {"bytes": sum(sizes.values()) / 1000, "requests": len(sizes)}
    return {**told, "strangers": len(hosts - {urlsplit(address).netloc})}, weights


def press(browser, address, condition, visits):
    """The slowest of a press's events, from the finger to the next picture. Titles of the targets that were missed."""
    seen = defaultdict(list)
    for _ in range(visits):
        with visitors.sitting(browser, address, condition) as (page, tools):
            page.goto(visitors.PATH, wait_until="networkidle")
            for name, act in PRESSES.items():
                began = page.evaluate("performance.now()")
                act(page)
                page.wait_for_timeout(400)
                seen[name].append(page.evaluate("began => bench.slowest(began)", began))
    print(f"\n{visits} times each, until the next picture, {condition.name} (16 is the least that is measured)")
    return [title for name in PRESSES for title in show(Target(name, GOOD_PRESS), seen[name])]


def _ask(page):
    page.locator("#question").fill(LETTERS + REST)
    page.locator("#question").press("Enter")
    page.locator("#thread .citation-link").first.wait_for()


def _call(page):
    page.locator("#talk").click()
    page.locator("#dock[data-state=speaking], #dock[data-state=listening]").wait_for(timeout=30_000)


PRESSES = {
    "a question typed": lambda page: page.locator("#question").press_sequentially(LETTERS, delay=150),
    "sent": _ask,
    "its source opened": lambda page: page.locator("#thread .citation-link").first.click(),
    "and closed": lambda page: page.keyboard.press("Escape"),
    "the menu Save": lambda page: page.locator("#keep summary").click(),
    "Talk": _call,
    "Mute": lambda page: page.locator("#mute").click(),
    "End": lambda page: page.locator("#end").click(),
}
