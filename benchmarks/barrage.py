"""Tool calls that keep coming, whatever becomes of those before them, and what each one's caller heard.

Somebody talks at any moment, so calls arrive by the clock (open loop): a server that hangs does not slow them down. Half
ask what was asked before and is kept, half ask something new.
"""

import asyncio
import contextlib
import itertools
import json
import threading
import time
from dataclasses import dataclass

from benchmarks import figures, load, site

BUDGET_MS = 1500  # TOOL_BUDGET_MS as .env.example has it
SPARE_MS = 400  # what else a call may take on a busy machine
PATIENCE_SECONDS = 20  # ElevenLabs' own for a tool
FALLBACK = "The harbour office is closed just now. Please ask me again in a moment."
# A persona with one document and a live call; its ids as JSON.
PREPARE = f"""
import json, uuid
from django.core.management import call_command
call_command("migrate", verbosity=0)
from knowledge import caching, ingestion
from personas.models import Persona
from voice import tools
from voice.models import Conversation, Session
persona = Persona.objects.create(name="Maren", slug="maren", status="published", fallback_message={FALLBACK!r})
text = "# Timetable\\n\\nThe ferry to Gull Island leaves at nine in the morning from pier two.\\n\\n# Fares\\n\\n"
text += "A return ticket for adults costs twelve crowns. Children under six travel free."
ingestion.ingest(ingestion.receive(persona, "Timetable", text=text))
thread = Conversation.objects.create(persona=persona, visitor=uuid.uuid4())
Session.objects.create(conversation=thread, elevenlabs_conversation_id="conv_fire")
caching.remember(tools.fallback_key(persona.pk), persona.fallback_message.encode(), 3600)
print("RESULT" + str(persona.pk))
"""
QUESTION = "When does the ferry to Gull Island leave?"
ANSWER = "nine in the morning"


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one call."""

    at: float  # seconds since the barrage began
    new: bool  # a question nobody asked before
    milliseconds: float
    status: int  # 0: no answer
    success: bool
    content: str

    @property
    def is_answered(self):
        return self.status == 200 and self.success and ANSWER in self.content

    @property
    def is_told(self):
        """The caller heard the answer or the persona's own line."""
        return self.is_answered or (self.status == 200 and not self.success and self.content == FALLBACK)

    @property
    def is_good(self):
        """And that in time."""
        return self.is_told and self.milliseconds <= BUDGET_MS + SPARE_MS


class Barrage:
    """Calls at a rate, from the beginning of a ``with`` to its end, on a thread of their own."""

    def __init__(self, open_, rate=20):
        self._port, self._persona, self._rate = open_.port, open_.prepared, rate
        self._began, self._ends = time.monotonic(), False
        self.heard = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="barrage", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ends = True
        self._thread.join()

    def now(self):
        return time.monotonic() - self._began

    async def _run(self):
        waiting = []
        for number in itertools.count():
            due = number / self._rate
            await asyncio.sleep(max(0.0, due - self.now()))
            if self._ends:
                break
            waiting.append(asyncio.ensure_future(self._ask(number)))
        await asyncio.gather(*waiting)

    async def _ask(self, number):
        new = number % 2 == 1
        at, began = self.now(), time.perf_counter()
        status, body = 0, b""
        with contextlib.suppress(OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            status, body = await asyncio.wait_for(load.one(self._port, self._request(number, new)), PATIENCE_SECONDS)
        milliseconds = (time.perf_counter() - began) * 1000
        content, success = _read(body)
        self.heard.append(Heard(at, new, milliseconds, status, success, content))

    def _request(self, number, new):
        return request(self._persona, f"{QUESTION} {time.monotonic_ns():x}" if new else QUESTION)


def request(persona, question, conversation="conv_fire"):
    """The bytes of one tool call."""
    sent = json.dumps(body(persona, question, conversation)).encode()
    return load.post("/elevenlabs/function-call", sent, X_Service_Token=site.TOKEN)


def body(persona, question, conversation="conv_fire"):
    parameters = {"query": question, "persona_id": persona}
    return {"function_name": "query_persona_knowledge", "parameters": parameters, "conversation_id": conversation}


def _read(body):
    try:
        answer = json.loads(body)
        return answer["result"]["content"], answer["success"]
    except (ValueError, KeyError, TypeError):
        return "", False


@dataclass(frozen=True, slots=True)
class Toll:
    """What a fault cost: calls begun while it lasted, and how long afterwards something was still amiss."""

    during: list
    after: list
    recovery: float  # seconds from the fault's end to the last call that was not answered

    @property
    def all(self):
        return self.during + self.after

    @property
    def good(self):
        return share(self.all, lambda one: one.is_good)

    @property
    def kept(self):
        """Share of questions asked before that were answered during the fault."""
        return share([one for one in self.during if not one.new], lambda one: one.is_answered)

    @property
    def faults(self):
        """Answers of 500 and above."""
        return sum(one.status >= 500 for one in self.all)

    def quickness(self, at):
        return figures.percentile([one.milliseconds for one in self.during], at)


def suffer(open_, fault, seconds, quiet=4.0, rate=20):
    """The Toll of a fault, a context manager, that lasts that long under a barrage that goes on afterwards."""
    with Barrage(open_, rate) as barrage:
        time.sleep(0.5)
        began = barrage.now()
        with fault:
            time.sleep(seconds)
        ended = barrage.now()
        time.sleep(quiet)
    heard = sorted(barrage.heard, key=lambda one: one.at)
    during = [one for one in heard if began <= one.at < ended]
    after = [one for one in heard if one.at >= ended]
    return Toll(during, after, max((one.at - ended for one in after if not one.is_answered), default=0.0))


def share(heard, is_so):
    return sum(map(is_so, heard)) / len(heard) if heard else 1.0
