"""Failing on demand: rules that make the stand-in slow, rude, forgetful or silent, and the door they stand at."""

import asyncio
import fnmatch
import json
import random
import time
import weakref
from collections import deque
from dataclasses import asdict, dataclass, field

from voice.standin import validation as v
from voice.standin.store import new_id

HTTP = (
    "latency", "late_answer", "status", "status_after", "lost_answer", "hang", "drop", "half_answer", "trickle", "garbage",
)  # fmt: skip
WEBSOCKET = ("close", "drop", "half_frame", "hang", "silence", "latency", "wrong_first", "garbage")
WEBHOOK = ("undelivered", "twice", "late", "out_of_order", "bad_signature", "stale")
DOES = {"http": HTTP, "websocket": WEBSOCKET, "webhook": WEBHOOK}
RULES = {
    "on": v.one_of(*DOES),
    "do": v.text(),
    "path": v.text(),
    "method": v.text(),
    "percent": v.number(0, 100),
    "times": v.number(1, whole=True),
    "seconds": v.number(0, 3600),
    "status": v.number(400, 599, whole=True),
    "retry_after": v.number(0),
    "code": v.number(1000, 4999, whole=True),
    "reason": v.text(123),
    "after": v.number(0, 3600),
}
BODY_KEPT = 200_000
# Every open connection by (host, port) of the other side, so that a fault can cut it.
TRANSPORTS: weakref.WeakValueDictionary = weakref.WeakValueDictionary()


@dataclass
class Fault:
    """One rule. `path` is a pattern of shell wildcards (for webhooks: of the event's type); `times` None is for ever."""

    on: str
    do: str
    path: str = "*"
    method: str = "*"
    percent: float = 100
    times: int | None = None
    seconds: float = 1.0
    status: int = 503
    retry_after: float | None = None
    code: int = 1011
    reason: str = ""
    after: float = 0.0
    id: str = field(default_factory=lambda: new_id("fault"))
    struck: int = 0


class Faults:
    """The rules in force, first come first served."""

    def __init__(self, chance=random.random):
        self.rules: list[Fault] = []
        self.chance = chance

    def add(self, body: dict) -> Fault:
        """A new rule from JSON. Raises 422 for one that means nothing."""
        v.check(body, RULES, required=("on", "do"))
        v.check(body, {"do": v.one_of(*DOES[body["on"]])})
        known = {key: value for key, value in body.items() if key in RULES and value is not None}
        fault = Fault(**known)
        self.rules.append(fault)
        return fault

    def remove(self, fault_id: str | None = None) -> None:
        """Drop one rule, or all."""
        self.rules = [rule for rule in self.rules if fault_id and rule.id != fault_id]

    def pick(self, on: str, path: str, method: str = "*") -> Fault | None:
        """The first rule that strikes here and now. Counts it, and drops it after its last time."""
        for rule in self.rules:
            fits = rule.on == on and fnmatch.fnmatch(path, rule.path) and fnmatch.fnmatch(method, rule.method)
            if fits and self.chance() * 100 < rule.percent:
                rule.struck += 1
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times == 0:
                        self.rules.remove(rule)
                return rule
        return None

    def as_json(self) -> list[dict]:
        """The rules in force."""
        return [asdict(rule) for rule in self.rules]


def cut(client) -> None:
    """Reset the connection of this client (host, port) without a word."""
    transport = TRANSPORTS.get(tuple(client or ()))
    if transport is not None:
        transport.abort()


def write_raw(client, data: bytes) -> None:
    """Put bytes on this client's connection as they are, past every protocol."""
    transport = TRANSPORTS.get(tuple(client or ()))
    if transport is not None:
        transport.write(data)


class FaultDoor:
    """ASGI middleware: lets HTTP requests meet their fault, and writes every request down."""

    def __init__(self, app, faults: Faults, requests: deque):
        self.app, self.faults, self.requests = app, faults, requests

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/standin") or scope["path"] == "/docs":
            return await self.app(scope, receive, send)
        note = _note(scope)
        self.requests.append(note)
        receive = _listen(receive, note)
        fault = self.faults.pick("http", scope["path"], scope["method"])
        if fault:
            note["fault"] = fault.do
            return await self._fail(fault, scope, receive, _watch(send, note))
        return await self.app(scope, receive, _watch(send, note))

    async def _fail(self, fault: Fault, scope, receive, send):
        if fault.do == "latency":
            await asyncio.sleep(fault.seconds)
            return await self.app(scope, receive, send)
        if fault.do == "late_answer":
            return await self.app(scope, receive, _delay(send, fault.seconds))
        if fault.do == "status_after":
            await self.app(scope, receive, _swallow)
            return await _refuse(send, fault)
        if fault.do == "trickle":
            return await _trickle(send, fault.seconds)
        if fault.do == "lost_answer":
            await self.app(scope, receive, _swallow)
            return cut(scope["client"])
        if fault.do == "drop":
            return cut(scope["client"])
        if fault.do == "hang":
            await asyncio.sleep(fault.seconds if fault.seconds > 1 else 3600)
            return cut(scope["client"])
        if fault.do == "half_answer":
            await _answer(send, 200, b'{"agents": [{"agent_', {b"content-length": b"4096"}, more=True)
            return cut(scope["client"])
        if fault.do == "garbage":
            return await _answer(send, 200, b"<html>not what you asked for</html>", {b"content-type": b"text/html"})
        return await _refuse(send, fault)


async def _refuse(send, fault: Fault) -> None:
    """Answer as ElevenLabs refuses, with the rule's status."""
    code = {429: "system_busy", 401: "invalid_api_key", 403: "missing_permissions"}.get(fault.status, "internal_error")
    message = fault.reason or "The stand-in was told to fail this request."
    body = json.dumps({"detail": {"status": code, "message": message, "request_id": new_id("req")}}).encode()
    headers = {b"content-type": b"application/json"}
    if fault.retry_after is not None:
        headers[b"retry-after"] = f"{fault.retry_after:g}".encode()
    await _answer(send, fault.status, body, headers)


async def _trickle(send, seconds: float) -> None:
    """An answer that never stops coming, a byte at a time, for so long."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.1)
    await send({"type": "http.response.body", "body": b"{}"})


def _delay(send, seconds: float):
    """What was asked is done; only the answer takes its time."""

    async def delayed(message):
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return delayed


async def _answer(send, status: int, body: bytes, headers: dict, more: bool = False) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _swallow(_message) -> None:
    """Where an answer goes that its asker never gets."""


def _note(scope) -> dict:
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    if "xi-api-key" in headers:
        headers["xi-api-key"] = "…" + headers["xi-api-key"][-4:] if len(headers["xi-api-key"]) > 8 else "…"
    query = scope["query_string"].decode("latin-1")
    return {"at": time.time(), "method": scope["method"], "path": scope["path"], "query": query, "headers": headers}


def _listen(receive, note: dict):
    async def listening():
        message = await receive()
        if message["type"] == "http.request":
            note["body"] = (note.get("body", "") + message.get("body", b"").decode("utf-8", "replace"))[:BODY_KEPT]
        return message

    return listening


def _watch(send, note: dict):
    async def watching(message):
        if message["type"] == "http.response.start":
            note["status"] = message["status"]
        await send(message)

    return watching
