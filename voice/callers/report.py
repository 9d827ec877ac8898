"""Telling the site what was heard, in order, one letter at a time; what fails is sent again. As report.js does."""

import asyncio
import time

from voice.callers.page import Refused, Unreachable

TRIES, PAUSE_SECONDS, MOST = 4, 0.7, 40
SOON_SECONDS, LOOKS = 0.12, 5  # a look-up is written down just after its answer, and asked for so often
GATHER_SECONDS = 0.25  # a visitor's words wait for what is looked up for them


class Report:
    """`turns` is the site's account of the call by key; `lost` the words it could not be told."""

    def __init__(self, page, session):
        self.page, self.session = page, session
        self.waiting, self.turns, self.lost = [], {}, []
        self.seen = 0  # the newest look-up that the site told of
        self._sending = None

    def add(self, kind, key="", text="", **more):
        """Tell one event; it goes out with whatever else waits by then."""
        event = {"kind": kind, "event_id": None, "channel": "spoken", "original": "", "key": key, "text": text}
        if kind == "visitor":
            event["due"] = time.monotonic() + GATHER_SECONDS
        self.waiting.append({**event, **more})
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    def looked_up(self, after):
        """Something was looked up; ``after`` is what ``seen`` was when it began."""
        self.add("tool", after=after, looks=0, due=time.monotonic() + SOON_SECONDS)

    async def touch(self):
        """Tell that the call goes on, when nothing else is being told."""
        if self._sending is None or self._sending.done():
            await self._exchange([])

    async def settled(self):
        """Wait until all is told."""
        while self._sending and not self._sending.done():
            await self._sending

    async def _send(self):
        tries = 0
        while self.waiting:
            letter = self._due()
            if not letter:
                await asyncio.sleep(self.waiting[0]["due"] - time.monotonic())
                continue
            fault = await self._exchange(letter)
            tries = tries + 1 if fault else 0
            if fault and (_is_final(fault) or tries >= TRIES):
                del self.waiting[: len(letter)]
                self.lost += letter
            elif fault:
                await asyncio.sleep(PAUSE_SECONDS * tries)

    def _due(self):
        """What may be told now: everything up to what is not due."""
        now = time.monotonic()
        first = next((place for place, event in enumerate(self.waiting) if event.get("due", 0) > now), MOST)
        return self.waiting[: min(first, MOST)]

    async def _exchange(self, events):
        try:
            answer = await self.page.hear(self.session, events)
        except (Refused, Unreachable) as fault:
            return fault
        self.turns |= {turn["key"]: turn for turn in answer["turns"]}
        self.seen = answer["seen"]
        del self.waiting[: answer["taken"]]
        if answer["taken"] < len(events):
            self._look_again(self.waiting[0])
        return None

    def _look_again(self, event):
        event["looks"] += 1
        event["due"] = time.monotonic() + SOON_SECONDS * event["looks"]
        if event["looks"] == LOOKS:
            event["after"] = None


def _is_final(fault):
    return isinstance(fault, Refused) and fault.status != 429 and fault.status < 500
