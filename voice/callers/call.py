"""A call as a visitor has it: asks, listens, is answered, cuts in, hangs up; and tells the page's site what it heard."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from voice.callers import speech
from voice.callers.line import Line
from voice.callers.page import Unreachable
from voice.callers.report import Report
from voice.callers.said import Said

SECONDS_TO_ANSWER = 25
SECONDS_TO_HEAR = 90  # the longest answer
SECONDS_TO_GREET = 3
LOOK_SECONDS = 0.1
PULSE_SECONDS = 30  # the site counts a call as running while it hears of it


@dataclass
class Exchange:
    """One thing asked and what came of it. Times are of time.monotonic(), 0 for what never came."""

    asked: str
    spoken: bool
    ended: float = 0.0  # when the visitor had said it
    understood: str | None = None
    said: list = field(default_factory=list)  # what the persona said, a filler before the answer too
    looked_up: list = field(default_factory=list)  # [began, ended] of each tool call, as the line told of it
    problem: str = ""

    @property
    def answer(self):
        """The Said that is the answer, or None: what was said while something was still being looked up is filler."""
        since = max((ended for _, ended in self.looked_up), default=0.0)
        return next((one for one in self.said if one.text is not None and one.told_at >= since), None)

    @property
    def is_looking(self):
        return any(not ended for _, ended in self.looked_up)


class Call:
    """`async with Call(page) as call: await call.ask("…")`. Raises Refused and Unreachable at the start."""

    def __init__(self, page, text_only=False):
        self.page, self.text_only = page, text_only
        self.exchanges, self.said, self.problems = [], [], []
        self.free = 0.0  # when all that was sent will have been heard
        self._counts, self._news, self._typed = Counter(), asyncio.Event(), 0
        self._begun, self._seen = False, 0

    async def __aenter__(self):
        self.grant = await self.page.start_call()
        self.report = Report(self.page, self.grant["session"])
        try:
            self.line = await Line(self.grant["signed_url"], self._take, self.text_only).__aenter__()
        except Unreachable:
            await self.page.end_call(self.grant["session"], "start-unreachable")
            raise
        await self._until(lambda: self._begun or self.is_over, SECONDS_TO_ANSWER)
        if self.grant["context"]:
            await self.line.write({"type": "contextual_update", "text": self.grant["context"]})
        self._pulse = asyncio.create_task(self._touch())
        return self

    async def __aexit__(self, *_raised):
        self._pulse.cancel()
        reason = "user" if self.line.closed is None else "end-agent"
        await self.line.__aexit__()
        self._finish(time.monotonic())
        await self.report.settled()
        await self.page.end_call(self.grant["session"], reason)

    @property
    def is_over(self):
        return self.line.closed is not None

    async def hear_out(self):
        """Wait until the greeting is over, if there is one."""
        await self._until(lambda: self.is_over or self.said, SECONDS_TO_GREET)
        await self._until(lambda: self.is_over or all(map(self._is_heard, self.said)), SECONDS_TO_HEAR)

    async def ask(self, text, spoken=True, cut_after=None):
        """Ask, and hear the answer out, or its first ``cut_after`` seconds. Gives the Exchange."""
        exchange = Exchange(text, spoken and not self.text_only)
        if exchange.spoken:
            pcm = await speech.say(text)
            self.exchanges.append(exchange)
            await self.line.speak(pcm)
        else:
            self.exchanges.append(exchange)
            await self._type(exchange)
        exchange.ended = time.monotonic()
        if not await self._until(lambda: self.is_over or exchange.answer, SECONDS_TO_ANSWER):
            exchange.problem = f"no answer within {SECONDS_TO_ANSWER} seconds"
        elif not await self._until(lambda: self.is_over or self._is_answered(exchange, cut_after), SECONDS_TO_HEAR):
            exchange.problem = f"the answer was not over after {SECONDS_TO_HEAR} seconds"
        elif exchange.answer is None:
            exchange.problem = "the line was closed before the answer: {} {}".format(*self.line.closed).strip()
        return exchange

    async def _type(self, exchange):
        self._typed += 1
        exchange.understood = exchange.asked
        self.report.add("visitor", f"t{self._typed}", exchange.asked, channel="typed")
        await self.line.write({"type": "user_message", "text": exchange.asked})

    def _is_answered(self, exchange, cut_after):
        """Whether the answer was heard out, or its first ``cut_after`` seconds."""
        answer, now = exchange.answer, time.monotonic()
        if answer is None or exchange.is_looking:
            return False
        if cut_after is not None and not self.text_only:
            return bool(answer.began) and now >= answer.began + cut_after
        return self._is_heard(answer)

    def _is_heard(self, one):
        """Whether all of it was sent and has sounded by now."""
        now = time.monotonic()
        return one.text is not None and (self.text_only or (one.is_spoken(now) and now >= self.free))

    async def _until(self, is_so, seconds):
        """Wait for something, looked at with every message and now and then. Whether it came in time."""
        until = time.monotonic() + seconds
        while not (done := is_so()) and (left := until - time.monotonic()) > 0:
            self._news.clear()
            try:
                async with asyncio.timeout(min(left, LOOK_SECONDS)):
                    await self._news.wait()
            except TimeoutError:
                continue
        return bool(done)

    async def _touch(self):
        while True:
            await asyncio.sleep(PULSE_SECONDS)
            await self.report.touch()

    def _take(self, kind, event):
        """A message of the line."""
        if work := self._TAKEN.get(kind):
            work(self, event)
        self._news.set()

    def _begin(self, _event):
        self._begun = True

    def _hear_visitor(self, event):
        id_, text = event["event_id"], event["user_transcript"]
        if self.exchanges and self.exchanges[-1].understood is None:
            self.exchanges[-1].understood = text
        if text.strip():
            self.report.add("visitor", self._name("v", id_), text, event_id=id_)

    def _hear_persona(self, event):
        id_, text = event["event_id"], event["agent_response"]
        if not text.strip() or any(one.event_id == id_ and one.text == text for one in self.said):
            return
        one = self._current(id_)
        one.text, one.told_at = text, time.monotonic()
        self.report.add("persona", one.key, text, event_id=id_)

    def _hear_sound(self, event):
        one = self._current(event["event_id"], is_sound=True)
        self.free = one.hear(event, self.free)

    def _begin_lookup(self, _event):
        self._seen = self.report.seen
        for one in self.said:
            one.closed = True
        if self.exchanges:
            self.exchanges[-1].looked_up.append([time.monotonic(), 0.0])

    def _end_lookup(self, event):
        if event.get("tool_type") == "system":
            return  # hanging up is one of theirs
        if self.exchanges and self.exchanges[-1].is_looking:
            self.exchanges[-1].looked_up[-1][1] = time.monotonic()
        self.report.looked_up(self._seen)

    def _be_cut(self, event):
        """The persona fell silent: what had not sounded will not be heard."""
        now = self.free = time.monotonic()
        for one in self.said:
            if one.text is not None and one.corrected is None and one.ends > now:
                one.corrected = one.heard(now)
                more = {"event_id": event["event_id"], "original": one.text}
                self.report.add("interruption", one.key, one.corrected, **more)

    def _correct(self, event):
        original, text = event["original_agent_response"], event["corrected_agent_response"]
        one = next((one for one in reversed(self.said) if one.text == original), None)
        if one and text != original:
            one.corrected = text
            self.report.add("correction", one.key, text, event_id=one.event_id, original=original)

    def _complain(self, event):
        self.problems.append(str(event.get("message") or event))

    def _finish(self, now):
        """The call is over: what had not sounded was not heard."""
        for one in self.said:
            if one.text is not None and one.corrected is None and one.chars and one.ends > now:
                one.corrected = one.heard(now)
                self.report.add("correction", one.key, one.corrected, event_id=one.event_id, original=one.text)

    def _current(self, id_, is_sound=False):
        """The Said an event belongs to: the open one of its id, or a new one."""
        one = next((one for one in reversed(self.said) if one.event_id == id_), None)
        if one and not one.closed and (is_sound or one.text is None):
            return one
        made = Said(id_, self._name("p", id_))
        self.said.append(made)
        if self.exchanges:
            self.exchanges[-1].said.append(made)
        return made

    def _name(self, kind, id_):
        """As the page names turns within a call: "p4", and "p4.2" when the event brings a second one."""
        stem = f"{kind}{id_}"
        self._counts[stem] += 1
        return stem if self._counts[stem] == 1 else f"{stem}.{self._counts[stem]}"

    _TAKEN = {
        "conversation_initiation_metadata": _begin,
        "user_transcript": _hear_visitor,
        "agent_response": _hear_persona,
        "audio": _hear_sound,
        "agent_tool_request": _begin_lookup,
        "agent_tool_response": _end_lookup,
        "interruption": _be_cut,
        "agent_response_correction": _correct,
        "client_error": _complain,
    }
