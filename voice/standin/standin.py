"""The pretend workspace: everything one running stand-in consists of."""

import asyncio
from collections import OrderedDict, deque

from voice.standin import webhooks
from voice.standin.admission import Limits
from voice.standin.deliveries import Deliveries
from voice.standin.faults import Faults
from voice.standin.keys import Keys
from voice.standin.options import Options
from voice.standin.recognition import Recogniser
from voice.standin.speaking import Mouth
from voice.standin.store import Store

REQUESTS_KEPT = 5000
TAPES_KEPT = 20


class Standin:
    """Store, voice, ear, faults and live calls. `state.standin` of the Starlette app."""

    def __init__(self, options: Options):
        self.options = options
        self.store = Store(options.state)
        self.mouth = Mouth(options.speech)
        self.recogniser = Recogniser(options.sentences)
        self.faults = Faults()
        self.limits = Limits(concurrency=options.concurrency)
        self.keys = Keys(options.api_key, options.limited_keys)
        self.deliveries = Deliveries(self.store, self.faults, options.webhook_timeout, options.webhook_retries)
        self.calls: dict = {}
        self.tapes: OrderedDict = OrderedDict()
        self.uploads: dict[str, dict] = {}
        self.requests: deque[dict] = deque(maxlen=REQUESTS_KEPT)
        self.callees: dict = {}  # what somebody does who is called, by number
        self.background: set[asyncio.Task] = set()
        self.notes = [self.mouth.note]
        if options.webhook_url:
            self._register_webhook()

    def address(self, request) -> str:
        """The address under which a client reaches us, without a slash at the end."""
        if self.options.public_url:
            return self.options.public_url.rstrip("/")
        return f"{request.url.scheme}://{request.headers.get('host') or request.url.netloc}"

    def later(self, work) -> None:
        """Do something that nobody waits for; it is given up when the stand-in stops."""
        task = asyncio.ensure_future(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def keep_tape(self, conversation_id: str, tape) -> None:
        """Keep a recording; the oldest go when there are too many."""
        self.tapes[conversation_id] = tape
        while len(self.tapes) > TAPES_KEPT:
            gone, _tape = self.tapes.popitem(last=False)
            if gone in self.store.conversations:
                record = self.store.conversations[gone]
                record["has_audio"] = record["has_user_audio"] = record["has_response_audio"] = False

    def reset(self) -> None:
        """Forget everything but the calls under way."""
        self.store.clear()
        self.faults.remove()
        self.keys.reset()
        self.requests.clear()
        self.deliveries.log.clear()
        self.tapes.clear()
        self.callees.clear()
        self.uploads.clear()
        self.limits = Limits(concurrency=self.options.concurrency)

    async def start(self) -> None:
        """What runs as long as the server does."""
        self.later(self.store.keep_saving())
        self.later(asyncio.to_thread(self.recogniser.prepare))
        for record in self.store.conversations.values():
            if record["status"] in ("initiated", "in-progress", "processing"):
                record["status"] = "failed"
                record["metadata"]["error"] = {"code": 1011, "reason": "The stand-in was restarted."}

    async def stop(self) -> None:
        """Give up what is waiting, and save."""
        await self.deliveries.close()
        for task in list(self.background):
            task.cancel()
        await asyncio.gather(*self.background, return_exceptions=True)
        self.store.save()

    def _register_webhook(self) -> None:
        known = [w for w in self.store.webhooks.values() if w["webhook_url"] == self.options.webhook_url]
        given = self.options.webhook_secret
        webhook = known[0] if known else webhooks.add(self.store, self.options.webhook_url, "At start", given)
        if given:
            webhook["secret"] = given
        self.store.settings["webhooks"] = {"post_call_webhook_id": webhook["webhook_id"], "events": ["transcript"]}
        self.notes.append(
            f"Reports of calls go to {webhook['webhook_url']}"
            + ("." if given else f", signed with {webhook['secret']}")
        )
