"""Many pretend visitors at once, each of whom opens a page, calls, asks golden questions at a human pace and hangs up."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from voice.callers import words
from voice.callers.call import Call
from voice.callers.page import Page, Refused, Unreachable

FILE = Path(__file__).resolve().parent.parent / "demo" / "golden-questions.json"
PAUSE = (10.0, 20.0)  # seconds between an answer and the next question: it is read, or heard, and thought about
QUESTIONS = (3, 7)  # of one call
ROOM = 200_000  # waits kept for percentiles
SLOW_SECONDS = 1.5  # a tool call that a caller notices


@dataclass
class Told:
    """What came of all of it."""

    exchanges: int = 0
    failed: Counter = field(default_factory=Counter)  # by reason
    calls: int = 0
    refused: Counter = field(default_factory=Counter)  # starts, by the site's code
    waits: dict = field(default_factory=dict)  # milliseconds by door, and "tool" as the line told of it
    faults: Counter = field(default_factory=Counter)  # answers of ours with status 500 and above, or none, by door
    lost: int = 0  # events that no letter could bring to the site
    slow: list = field(default_factory=list)  # (time.monotonic(), seconds) of tool calls that took long
    most: int = 0  # calls at once
    open: int = 0

    @property
    def success(self):
        return 1 - sum(self.failed.values()) / max(1, self.exchanges)


async def gather(url, count, seconds, ramp, *, audio=0, pause=PAUSE, personas=None):
    """``count`` visitors, each for so many seconds, who arrive and leave one after the other over ``ramp`` seconds; the
    first ``audio`` of them speak. Between an answer and the next question lies a ``pause`` of (least, most) seconds.
    ``personas`` are (slug, questions), the demo's golden ones if none are given."""
    personas, told = personas or golden(), Told()
    until = time.monotonic() + seconds
    delays = [ramp * number / count for number in range(count)]
    visitors = [
        Visitor(url, personas, told, until + delay, number < audio, pause, random.Random(number))
        for number, delay in enumerate(delays)
    ]
    await asyncio.gather(*(visitor.come(delay) for visitor, delay in zip(visitors, delays, strict=True)))
    return told


def golden():
    """(slug, questions) of each demo persona."""
    read = json.loads(FILE.read_text())["personas"]
    return [(one["slug"], [question["question"] for question in one["questions"]]) for one in read]


@dataclass
class Visitor:
    """Somebody who has one conversation after the other, as somebody else each time, until the time is up."""

    url: str
    personas: list
    told: Told
    until: float
    speaks: bool
    pause: tuple
    chance: random.Random

    async def come(self, delay):
        await asyncio.sleep(delay)
        while time.monotonic() < self.until:
            slug, questions = self.chance.choice(self.personas)
            try:
                async with Page(self.url, slug) as page:
                    try:
                        await self.talk(page, questions)
                    finally:
                        _weigh(page, self.told)
            except Refused as refusal:
                self.told.refused[refusal.code or str(refusal)] += 1
            except Unreachable as fault:
                self.told.refused[str(fault).partition(" (")[2] or str(fault)] += 1
            await asyncio.sleep(self.chance.uniform(1, 3))

    async def talk(self, page, questions):
        told = self.told
        async with Call(page, text_only=not self.speaks) as call:
            told.calls += 1
            told.open += 1
            told.most = max(told.most, told.open)
            try:
                if self.speaks:
                    await call.hear_out()
                for _ in range(self.chance.randint(*QUESTIONS)):
                    if not await self.think() or call.is_over:
                        break
                    self.note(await call.ask(self.chance.choice(questions), spoken=self.speaks))
            finally:
                told.open -= 1
        told.lost += len(call.report.lost)

    async def think(self):
        """Whether there is time for another question."""
        await asyncio.sleep(min(self.chance.uniform(*self.pause), max(0.0, self.until - time.monotonic())))
        return time.monotonic() < self.until

    def note(self, exchange):
        told, taken = self.told, [(ended, ended - began) for began, ended in exchange.looked_up if ended]
        told.exchanges += 1
        told.waits.setdefault("tool", []).extend(seconds * 1000 for _, seconds in taken)
        told.slow += [(ended, seconds) for ended, seconds in taken if seconds > SLOW_SECONDS]
        if reason := _failing(exchange):
            told.failed[reason] += 1
        if exchange.spoken and exchange.answer and exchange.answer.began:
            told.waits.setdefault("sound", []).append((exchange.answer.began - exchange.ended) * 1000)


def _failing(exchange):
    """Why an exchange was not as it should be, or nothing."""
    if exchange.problem:
        return exchange.problem
    if exchange.spoken and words.split(exchange.understood or "") != words.split(exchange.asked):
        return "the question was not understood"
    if not exchange.looked_up:
        return "nothing was looked up"
    return ""


def _weigh(page, told):
    for door, milliseconds, status in page.waited:
        kept = told.waits.setdefault(door, [])
        if len(kept) < ROOM:
            kept.append(milliseconds)
        if isinstance(status, str) or status >= 500:
            told.faults[f"{door} {status}"] += 1
