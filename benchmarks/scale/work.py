"""The pieces of work whose price is taken, done as pages, agents, ElevenLabs and staff do them."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid

from benchmarks import load, toolcalls
from voice.callers.page import Page

SECRET = "wsec_of_the_benchmark_0123456789"
SLUG = "harbour-guide"
AT_ONCE = 2  # pieces under way: as many as the web server has threads
TURNS = 20
PAGES, WORDS_A_PAGE = 50, 450


class Work:
    """``units()`` names each piece, how many are done, and how: do(count)."""

    def __init__(self, open_):
        self.site = open_
        self.asked = json.loads(open_.manage(toolcalls.PREPARE))
        self.pages, self.calls = [], []  # opened pages; (page, the permission of its call)
        self.reported = 0

    def units(self):
        return {
            "page load": (150, self.load_pages),
            "start of a call": (80, self.start),
            "tool call, cached": (3000, lambda count: self._ask(toolcalls._cached(self.asked), count)),
            "tool call, new question": (400, lambda count: self._ask(toolcalls.uncached(self.asked), count)),
            "letter: two turns": (400, self.tell_turns),
            "letter: still here": (400, self.touch),
            "attempt": (80, self.tell_attempts),
            "place in line asked": (300, self.wait_in_line),
            "typed question, new": (200, self.type),
            "end of a call": (80, self.end),
            "report of 20 turns": (60, self.report),
            "agent of a persona": (15, self.sync),
            "document of 50 pages": (2, self.read_documents),
        }

    def warm(self):
        """What only the first one pays."""
        self.load_pages(4)
        self.type(4)
        self._ask(toolcalls._cached(self.asked), 200)
        self._ask(toolcalls.uncached(self.asked), 20)

    def load_pages(self, count):
        self._together(self._open() for _ in range(count))

    def start(self, count):
        self._together(self._start(page) for page in self.pages[len(self.calls) : len(self.calls) + count])

    def tell_turns(self, count):
        self._letters(count, lambda: [_said("visitor"), _said("persona")])

    def touch(self, count):
        self._letters(count, list)

    def tell_attempts(self, count):
        told = {"outcome": "live", "milliseconds": {"allowed": 300, "connected": 900, "sound": 1200, "ended": 240_000}}
        self._together(
            page._post("attempt", f"{page.address}voice/attempt/", {"key": str(uuid.uuid4()), **told})
            for page, _ in self._some(self.calls, count)
        )

    def wait_in_line(self, count):
        self._together(
            page._post("wait", f"{page.address}voice/wait/", {"joins": True}) for page in self._some(self.pages, count)
        )

    def type(self, count):
        self._together(
            page.say(f"{self.asked['questions'][place % 20]} {uuid.uuid4().hex[:8]}")
            for place, page in enumerate(self._some(self.pages, count))
        )

    def end(self, count):
        self._together(page.end_call(granted["session"]) for page, granted in self._some(self.calls, count))

    def report(self, count):
        """Until the worker has read them; each of a call that was not reported yet."""
        some = self.calls[self.reported : self.reported + count]
        self.reported += count
        self._together(self._send_report(granted["session"]) for _, granted in some)
        self._until(f"Session.objects.exclude(reported_at=None).count() >= {self.reported}")

    def sync(self, count):
        names = [uuid.uuid4().hex[:12] for _ in range(count)]
        self.site.manage(MAKE.format(names=names))
        self._until(f"Agent.objects.filter(persona__slug__in={names}, state='in_step').count() == {count}")

    def read_documents(self, count):
        self._receive(min(count, 2), PAGES)

    def memory_of_passages(self, held):
        """Megabytes that the web server needs for a thousand passages more: a persona of its own is asked once."""
        before = held()
        slug = self._receive(4, 100)
        passages = int(self.site.manage(COUNT.format(slug=slug)))

        async def ask():
            async with Page(self.site.url, slug) as page:
                await page.say("What does the harbour office say about winter storms?")

        asyncio.run(ask())
        return round((held() - before) / passages * 1000, 2), passages

    def _receive(self, documents, pages):
        slug = uuid.uuid4().hex[:12]
        self.site.manage(RECEIVE.format(slug=slug, documents=documents, words=pages * WORDS_A_PAGE))
        self._until(f"Document.objects.filter(persona__slug='{slug}', status='ready').count() == {documents}", 300)
        return slug

    async def _open(self):
        page = Page(self.site.url, SLUG)
        await page.open()
        self.pages.append(page)

    async def _start(self, page):
        self.calls.append((page, await page.start_call()))

    def _letters(self, count, events):
        self._together(page.hear(granted["session"], events()) for page, granted in self._some(self.calls, count))

    def _some(self, what, count):
        return [what[place % len(what)] for place in range(count)]

    def _together(self, coroutines):
        """On the one loop to which the pages' connections belong."""

        async def every():
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(coroutine):
                async with gate:
                    return await coroutine

            await asyncio.gather(*(one(coroutine) for coroutine in coroutines))

        self._loop.run_until_complete(every())

    @property
    def _loop(self):
        if not hasattr(self, "_kept_loop"):
            self._kept_loop = asyncio.new_event_loop()
        return self._kept_loop

    def _ask(self, request, count):
        async def ask():
            for number in range(count):
                status, _ = await load.one(self.site.port, request(number))
                assert status == 200, status

        asyncio.run(ask())

    async def _send_report(self, conversation_id):
        at = int(time.time())
        turn = {
            "role": "user",
            "message": "When does the ferry leave, and where do I buy a ticket? " * 2,
            "time_in_call_secs": 3,
        }
        data = {
            "conversation_id": conversation_id, "status": "done",
            "transcript": [{**turn, "role": ("user", "agent")[place % 2], "time_in_call_secs": place * 12} for place in range(TURNS)],
            "metadata": {"start_time_unix_secs": at - 240, "call_duration_secs": 240, "cost": 400},
        }  # fmt: skip
        body = json.dumps({"type": "post_call_transcription", "event_timestamp": at, "data": data}).encode()
        digest = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        signed = {"ElevenLabs_Signature": f"t={at},v0={digest}"}
        status, _ = await load.one(self.site.port, load.post("/elevenlabs/post-call", body, **signed))
        assert status == 200, status

    def _until(self, condition, seconds=120):
        self.site.manage(UNTIL.format(condition=condition, seconds=seconds))


def _said(speaker):
    text = (
        "The ferry to the island leaves at nine in the morning from pier two, and it returns at five in the afternoon."
    )
    return {"kind": speaker, "key": uuid.uuid4().hex[:20], "text": text, "channel": "spoken"}


UNTIL = """
import time
from knowledge.models import Document
from voice.models import Agent, Session
until = time.monotonic() + {seconds}
while not ({condition}):
    assert time.monotonic() < until, "it took too long"
    time.sleep(0.5)
"""
MAKE = """
from personas.models import Persona
for name in {names}:
    Persona.objects.create(name=name, slug=name, first_message="Good morning.")
"""
RECEIVE = """
import random
from benchmarks.library import Language
from knowledge import ingestion
from personas.models import Persona
persona = Persona.objects.create(name="{slug}", slug="{slug}", status="published", first_message="Good day.")
lot, words = random.Random(), Language().words[:8000]
for number in range({documents}):
    text = ""
    for sentence in range({words} // 15):
        text += " ".join(lot.choices(words, k=15)).capitalize() + (".\\n\\n" if sentence % 8 == 7 else ". ")
    ingestion.receive(persona, f"Paper {{number}}", text=text)
"""
COUNT = """
from knowledge.models import Passage
print("RESULT", Passage.objects.filter(document__persona__slug="{slug}").count())
"""
