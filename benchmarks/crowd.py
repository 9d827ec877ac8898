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
    fallbacks: int = 0
    waits: dict = field(default_factory=dict)  # milliseconds by door, and "tool" as the line told of it
    faults: Counter = field(default_factory=Counter)  # answers of ours with status 500 and above, or none, by door
    lost: int = 0  # events that no letter could bring to the site
    slow: list = field(default_factory=list)  # (time.monotonic(), seconds) of tool calls that took long
    most: int = 0  # calls at once
    open: int = 0

    @property
    def success(self):
        return 1 - sum(self.failed.values()) / max(1, self.exchanges)


async def gather(url, count, seconds, ramp, audio=0):
    """``count`` visitors, each for so many seconds, who arrive and leave one after the other over ``ramp`` seconds; the
    first ``audio`` of them speak."""
    personas, told = _golden(), Told()
    until = time.monotonic() + seconds
    visitors = [
        _visit(url, personas, told, until + delay, delay, number < audio, random.Random(number))
        for number, delay in enumerate(ramp * number / count for number in range(count))
    ]
    await asyncio.gather(*visitors)
    return told


def _golden():
    """(slug, fallback is expected for None, questions) of each demo persona."""
    read = json.loads(FILE.read_text())["personas"]
    return [(one["slug"], [(q["question"], q["document"], q["answers"]) for q in one["questions"]]) for one in read]


async def _visit(url, personas, told, until, delay, speaks, chance):
    await asyncio.sleep(delay)
    while time.monotonic() < until:
        slug, questions = chance.choice(personas)
        try:
            async with Page(url, slug) as page:
                try:
                    await _talk(page, questions, told, until, speaks, chance)
                finally:
                    _weigh(page, told)
        except Refused as refusal:
            told.refused[refusal.code or str(refusal)] += 1
        except Unreachable as fault:
            told.refused[str(fault).partition(" (")[2] or str(fault)] += 1
        await asyncio.sleep(chance.uniform(1, 3))


async def _talk(page, questions, told, until, speaks, chance):
    async with Call(page, text_only=not speaks) as call:
        told.calls += 1
        told.open += 1
        told.most = max(told.most, told.open)
        try:
            if speaks:
                await call.hear_out()
            for _ in range(chance.randint(*QUESTIONS)):
                if not await _pause(until, chance) or call.is_over:
                    break
                await _ask(call, *chance.choice(questions), told)
        finally:
            told.open -= 1
    told.lost += len(call.report.lost)


async def _pause(until, chance):
    """Whether there is time for another question."""
    wait = min(chance.uniform(*PAUSE), max(0.0, until - time.monotonic()))
    await asyncio.sleep(wait)
    return time.monotonic() < until


async def _ask(call, question, document, answers, told):
    exchange = await call.ask(question, spoken=not call.text_only)
    told.exchanges += 1
    waits = told.waits.setdefault("tool", [])
    waits += [(ended - began) * 1000 for began, ended in exchange.looked_up if ended]
    told.slow += [(ended, (ended - began)) for began, ended in exchange.looked_up if ended - began > SLOW_SECONDS]
    if exchange.problem:
        told.failed[exchange.problem] += 1
    elif not exchange.looked_up:
        told.failed["nothing was looked up"] += 1
    elif not exchange.answer.text.strip():
        told.failed["an empty answer"] += 1
    elif exchange.spoken and words.split(exchange.understood or "") != words.split(question):
        told.failed["the question was not understood"] += 1


def _weigh(page, told):
    for door, milliseconds, status in page.waited:
        kept = told.waits.setdefault(door, [])
        if len(kept) < ROOM:
            kept.append(milliseconds)
        if isinstance(status, str) or status >= 500:
            told.faults[f"{door} {status}"] += 1
