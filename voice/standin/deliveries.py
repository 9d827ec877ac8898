"""Webhook deliveries: signed, sent once or tried again, and written down for whoever wants to look."""

import asyncio
import hashlib
import hmac
import json
import logging
import random
import time
from collections import deque

import httpx

from voice.standin import logs
from voice.standin.store import new_id
from voice.standin.trust import certificates

logger = logging.getLogger("standin")

KEPT = 500
WEEK = 7 * 24 * 3600
RETRIED = (408, 429)


def sign(body: bytes, secret: str, at: int) -> str:
    """The `ElevenLabs-Signature` header: `t=<unix seconds>,v0=<HMAC-SHA256 of "t.body">`."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v0={digest}"


class Deliveries:
    """Sends reports to workspace webhooks. `log` holds the latest ones, oldest first."""

    def __init__(self, store, faults, timeout: float, retries: tuple[float, ...]):
        self.store, self.faults = store, faults
        self.timeout, self.retries = timeout, retries
        self.log: deque[dict] = deque(maxlen=KEPT)
        self.held: list = []
        self.tasks: set[asyncio.Task] = set()

    def post(self, webhook: dict | None, kind: str, data: dict, chunked: bool = False) -> dict | None:
        """Send an event in the background; gives its entry in the log. Without a webhook, or when it is disabled, None."""
        if webhook is None or webhook["is_disabled"] or webhook["is_auto_disabled"]:
            return None
        envelope = {"type": kind, "event_timestamp": int(time.time()), "data": data}
        delivery = {
            "id": new_id("dlv"),
            "webhook_id": webhook["webhook_id"],
            "url": webhook["webhook_url"],
            "type": kind,
            "conversation_id": data.get("conversation_id"),
            "chunked": chunked,
            "state": "waiting",
            "attempts": [],
            "body": json.dumps(envelope),
        }
        self.log.append(delivery)
        self._start(self._send(webhook, delivery))
        return delivery

    def resend(self, delivery_id: str) -> bool:
        """Send a delivery of the log again, the same bytes; False when it or its webhook is gone."""
        for delivery in self.log:
            webhook = self.store.webhooks.get(delivery["webhook_id"])
            if delivery["id"] == delivery_id and webhook:
                self._start(self._attempt(webhook, delivery, None))
                return True
        return False

    async def close(self) -> None:
        """Give up everything that is still waiting."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _start(self, work) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _send(self, webhook: dict, delivery: dict) -> None:
        logs.follow(delivery["conversation_id"] or "")
        fault = self.faults.pick("webhook", delivery["type"])
        if fault and fault.do == "undelivered":
            delivery["state"] = "kept back by a fault"
            return
        if fault and fault.do == "late":
            await asyncio.sleep(fault.seconds)
        if fault and fault.do == "out_of_order":
            delivery["state"] = "held until the next one was sent"
            self.held.append((webhook, delivery))
            return
        await self._try(webhook, delivery, fault)
        if fault and fault.do == "twice":
            await self._attempt(webhook, delivery, fault)
        while self.held:
            await self._try(*self.held.pop(0), None)

    async def _try(self, webhook: dict, delivery: dict, fault) -> None:
        """One attempt, or as many as the webhook's retries allow: after 5xx, 408, 429 and no answer, never after other 4xx."""
        retries = webhook["retry_enabled"] and delivery["type"] == "post_call_transcription"
        for wait in self.retries if retries else self.retries[:1]:
            await asyncio.sleep(wait * random.uniform(1.0, 1.1))
            status = await self._attempt(webhook, delivery, fault)
            if status == 200 or (status is not None and status < 500 and status not in RETRIED):
                return

    async def _attempt(self, webhook: dict, delivery: dict, fault) -> int | None:
        body = delivery["body"].encode()
        started = time.monotonic()
        attempt = {"at": time.time(), "status": None, "problem": ""}
        try:
            async with httpx.AsyncClient(timeout=self.timeout, trust_env=False, verify=certificates()) as client:
                content = _pieces(body) if delivery["chunked"] else body
                response = await client.post(
                    webhook["webhook_url"], content=content, headers=_headers(webhook, body, fault)
                )
                attempt["status"] = response.status_code
        except httpx.HTTPError as problem:
            attempt["problem"] = f"{type(problem).__name__}: {problem}"
        attempt["milliseconds"] = round((time.monotonic() - started) * 1000)
        delivery["attempts"].append(attempt)
        delivery["state"] = "delivered" if attempt["status"] == 200 else "failed"
        self._count(webhook, attempt["status"])
        return attempt["status"]

    def _count(self, webhook: dict, status: int | None) -> None:
        now = int(time.time())
        if status == 200:
            logger.info("A report was taken")
            webhook.update(failures=0, last_success=now)
        else:
            logger.warning("A report to %s was not taken: %s", webhook["webhook_url"], status or "no answer")
            webhook["failures"] += 1
            webhook.update(most_recent_failure_error_code=status, most_recent_failure_timestamp=now)
            if webhook["failures"] >= 10 and webhook["last_success"] < now - WEEK:
                webhook["is_auto_disabled"] = True
        self.store.touch()


def _headers(webhook: dict, body: bytes, fault) -> dict:
    at = int(time.time()) - (31 * 60 if fault and fault.do == "stale" else 0)
    secret = "not the secret" if fault and fault.do == "bad_signature" else webhook["secret"]
    headers = {key: value for key, value in webhook["request_headers"].items() if isinstance(value, str)}
    return {**headers, "Content-Type": "application/json", "ElevenLabs-Signature": sign(body, secret, at)}


async def _pieces(body: bytes, size: int = 65536):
    """The body in pieces: a request without Content-Length, as ElevenLabs sends recordings."""
    for at in range(0, len(body), size):
        yield body[at : at + size]
