"""Telling the site what was heard, in order, one letter at a time; what fails is sent again. As report.js does."""

import asyncio

from voice.callers.page import Refused, Unreachable

TRIES, PAUSE_SECONDS, MOST = 4, 0.7, 40


class Report:
    """`turns` is the site's account of the call by key; `lost` the words it could not be told."""

    def __init__(self, page, session):
        self.page, self.session = page, session
        self.waiting, self.turns, self.lost = [], {}, []
        self._sending = None

    def add(self, kind, key="", text="", **more):
        """Tell one event; it goes out with whatever else waits by then."""
        event = {"kind": kind, "event_id": None, "channel": "spoken", "original": "", "key": key, "text": text}
        self.waiting.append({**event, **more})
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

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
            letter = self.waiting[:MOST]
            fault = await self._exchange(letter)
            tries = tries + 1 if fault else 0
            if fault is None or _is_final(fault) or tries >= TRIES:
                del self.waiting[: len(letter)]
                self.lost += letter if fault else []
            else:
                await asyncio.sleep(PAUSE_SECONDS * tries)

    async def _exchange(self, events):
        try:
            answer = await self.page.hear(self.session, events)
        except (Refused, Unreachable) as fault:
            return fault
        self.turns |= {turn["key"]: turn for turn in answer["turns"]}
        return None


def _is_final(fault):
    return isinstance(fault, Refused) and fault.status != 429 and fault.status < 500
