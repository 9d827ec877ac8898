"""The door every request comes through: it is written down, counted, and meets the fault that was made for it."""

import asyncio
import contextlib
import json
import time

from voice.standin.errors import refused
from voice.standin.faults import Fault, cut

BODY_KEPT = 200_000
# What an answer says is the most at a time while nobody set a limit: the `concurrency` of GET /v1/user.
REQUESTS_TOLD = 10
# The word of a refusal by its status, when the rule names none.
SAYS = {
    400: "invalid_request",
    401: "invalid_api_key",
    403: "forbidden",
    404: "document_not_found",
    409: "conflict",
    422: "invalid_parameters",
    429: "system_busy",
}
BUSY = "The system is experiencing heavy traffic, please try again."


class Door:
    """ASGI middleware: lets HTTP requests meet their fault, and writes every request down."""

    def __init__(self, app, standin):
        self.app, self.standin = app, standin
        self.inside = 0

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["path"].startswith("/standin") or scope["path"] == "/docs":
            return await self.app(scope, receive, send)
        note = _note(scope)
        self.standin.requests.append(note)
        self.inside += 1
        try:
            receive = _listen(receive, note)
            if _length(scope) <= BODY_KEPT:
                receive = await _read_ahead(receive)
            await self._let_in(note, scope, receive, _watch(send, note, self._count()))
        finally:
            self.inside -= 1

    async def _let_in(self, note: dict, scope, receive, send) -> None:
        most = self.standin.limits.requests
        if most is not None and self.inside > most:
            return await _answer_refusal(send, _too_many(most))
        fault = self.standin.faults.pick("http", scope["path"], method=scope["method"])
        if fault:
            note["fault"] = fault.do
            return await self._fail(fault, scope, receive, send)
        return await self.app(scope, receive, send)

    def _count(self) -> list[tuple[bytes, bytes]]:
        """The headers in which every answer tells how many requests are under way, and how many may be."""
        most = self.standin.limits.requests
        told = {"current": self.inside, "maximum": REQUESTS_TOLD if most is None else most}
        return [(f"{name}-concurrent-requests".encode(), str(number).encode()) for name, number in told.items()]

    async def _fail(self, fault: Fault, scope, receive, send):
        if fault.do == "latency":
            receive = await _read_first(receive)  # whoever asked may be gone when it happens
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
            await _outwait(receive, fault.seconds if fault.seconds > 1 else 3600)
            return cut(scope["client"])
        if fault.do == "half_answer":
            await _answer(send, 200, b'{"agents": [{"agent_', {b"content-length": b"4096"}, more=True)
            return cut(scope["client"])
        if fault.do == "garbage":
            return await _answer(send, 200, b"<html>not what you asked for</html>", {b"content-type": b"text/html"})
        return await _refuse(send, fault)


async def _outwait(receive, seconds: float) -> None:
    """Say nothing until the asker gives up, or so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


async def _refuse(send, fault: Fault) -> None:
    """Answer as ElevenLabs refuses, with the rule's status, word and reason."""
    says = fault.says or SAYS.get(fault.status, "internal_error")
    message = fault.reason or (BUSY if says == "system_busy" else "The stand-in was told to fail this request.")
    headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
    await _answer_refusal(send, refused(fault.status, says, message, **headers))


def _too_many(most: int):
    return refused(
        429,
        "too_many_concurrent_requests",
        f"Too many concurrent requests. Your current subscription is associated with a maximum of {most} concurrent requests "
        "(running in parallel).",
    )


async def _answer_refusal(send, refusal) -> None:
    headers = {b"content-type": b"application/json"}
    headers |= {name.encode(): value.encode() for name, value in refusal.headers.items()}
    await _answer(send, refusal.status, json.dumps({"detail": refusal.detail}).encode(), headers)


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


async def _read_first(receive):
    """Take in the whole request; gives a receive that tells of it once more."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())

    async def replaying():
        return messages.pop(0) if messages else await receive()

    return replaying


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


def _length(scope) -> int:
    """The length of the body as the client says it; one that does not say (a body in chunks) may be of any."""
    told = dict(scope["headers"]).get(b"content-length", b"0")
    return int(told) if told.isdigit() and b"transfer-encoding" not in dict(scope["headers"]) else BODY_KEPT + 1


async def _read_ahead(receive):
    """Take the whole body first, so that it is on record even when the answer does not depend on it."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())

    async def replay():
        return messages.pop(0) if messages else await receive()

    return replay


def _watch(send, note: dict, headers: list):
    async def watching(message):
        if message["type"] == "http.response.start":
            note["status"] = message["status"]
            message = {**message, "headers": [*message.get("headers", []), *headers]}
        await send(message)

    return watching
