"""The WebSocket: `/v1/convai/conversation`, from the handshake to the close frame."""

import asyncio
import base64
import binascii
import contextlib
import json
import logging
import time

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from voice.standin import admission, analysis, frames, logs, mishaps, records, sound, uploads
from voice.standin.call import Call
from voice.standin.errors import Hangup
from voice.standin.hearing import Ear
from voice.standin.turns import Turns

logger = logging.getLogger("standin")

SUBPROTOCOL = "convai"
PONG_SECONDS = 30
REASON_BYTES = 123


async def converse(websocket: WebSocket) -> None:
    """Serve one conversation. The upgrade is always accepted, so that a refusal has a close code and a reason."""
    standin = websocket.app.state.standin
    offered = websocket.scope.get("subprotocols") or []
    await websocket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    path = websocket.url.path
    fault = standin.faults.pick("websocket", path, f"{path}?{websocket.url.query}")
    try:
        await mishaps.meet(fault, websocket)
        call = await admission.admit(standin, websocket)
    except Hangup as refusal:
        logger.info("A call was refused: %s", refusal.code)
        await _close(websocket, refusal)
        return
    except WebSocketDisconnect:
        return
    logs.follow(call.id)
    logger.info("A call has begun")
    try:
        await Line(call, fault).run()
    finally:
        finish(call)


class Line:
    """The two directions of one call and what watches over them."""

    def __init__(self, call: Call, fault):
        self.call, self.fault = call, fault
        self.turns = Turns(call)
        self.ear = Ear(call.config["turn"].get("turn_eagerness", "normal"))
        self.pinged: dict[int, float] = {}
        self.ping_ms: int | None = None
        self.errands: set[asyncio.Task] = set()
        self.asked_still_there = False
        self.guess: asyncio.Task | None = None

    async def run(self) -> None:
        """Talk until somebody ends it."""
        call = self.call
        watchers = [self._read(), self._ping(), self._watch_clock(), mishaps.happen(self.fault, call)]
        tasks = [asyncio.create_task(work) for work in watchers]
        self.turns.greet()
        try:
            hangup, _reason = await asyncio.shield(call.over)
        finally:
            self.turns.stop()
            for task in [*tasks, *self.errands]:
                task.cancel()
            await asyncio.gather(*tasks, *self.errands, return_exceptions=True)
        await _close(call.websocket, hangup)

    async def _read(self) -> None:
        while True:
            try:
                text = await self.call.websocket.receive_text()
            except WebSocketDisconnect as left:
                said = left.reason or "Client disconnected"
                return self.call.hang_up(left.code, said, f"{said} ({left.code})")
            except KeyError:
                return self.call.hang_up(1003, "Binary frames are not part of this protocol.")
            try:
                message = json.loads(text)
            except (ValueError, RecursionError):
                message = None
            if not isinstance(message, dict):
                await self.call.send(frames.error(1008, "Invalid message received", "invalid_message"))
                return self.call.hang_up(1008, "Invalid message received", error_type="invalid_message")
            await self._take(message)

    async def _take(self, message: dict) -> None:
        call, kind = self.call, message.get("type")
        if "user_audio_chunk" in message:
            return await self._hear(message["user_audio_chunk"])
        if kind == "pong":
            return self._take_pong(message)
        if kind == "user_message":
            return await self._take_text(message.get("text"))
        if kind == "multimodal_message":
            return await self._take_files(message)
        if kind == "contextual_update":
            call.contexts[str(message.get("context_id") or len(call.contexts))] = str(message.get("text", ""))
        elif kind == "client_tool_result":
            call.take_result(message)
        elif kind == "feedback":
            call.rate(message)
        elif kind == "user_activity":
            self._notice_life()
        return None  # what the protocol does not know is ignored

    async def _take_text(self, text, files=()) -> None:
        self._notice_life()
        text = text.strip() if isinstance(text, str) else ""
        if text or files:
            await self.turns.take(text, "text", files)

    async def _take_files(self, message: dict) -> None:
        """Text, files or both. What the real service says of a file that was not uploaded is not public: here an error."""
        said = message.get("text")
        try:
            files = uploads.named_in(message, self.call.standin.uploads.get(self.call.id, {}))
        except KeyError as unknown:
            await self.call.send(frames.error(1008, f"File with ID {unknown} not found.", "value_error"))
        else:
            await self._take_text(said.get("text") if isinstance(said, dict) else None, files)

    async def take_words(self, text: str) -> None:
        """The visitor said this: what a call without sound has in the place of an ear."""
        self._notice_life()
        await self.turns.take(text, "audio")

    async def _hear(self, chunk) -> None:
        """A piece of the visitor's sound. Text-only calls ignore it."""
        call = self.call
        if call.text_only or not isinstance(chunk, str):
            return
        try:
            pcm = sound.decode(base64.b64decode(chunk, validate=True), call.input_format)
        except (binascii.Error, ValueError):
            await call.send(frames.error(1008, "Audio is not valid base64", "invalid_message"))
            return
        if call.agent["platform_settings"]["privacy"].get("record_voice", True):
            call.tape.hear_visitor(call.seconds - sound.seconds(pcm), pcm)
        for heard in self.ear.feed(pcm):
            self._notice_life()
            if heard.kind == "started":
                await self.turns.interrupt()
            elif heard.kind == "paused":  # recognised while it is still open whether this was the end
                self.guess = self._run(call.standin.recogniser.recognise(heard.pcm))
            else:
                self._run(self._understand(self.guess))
        if "vad_score" in call.events:
            await call.send(frames.vad_score(round(self.ear.score, 3)))

    async def _understand(self, guess: asyncio.Task) -> None:
        text = await guess
        if text:
            await self.turns.take(text, "audio")
        else:
            await self.turns.remark("not_understood")

    def _take_pong(self, message: dict) -> None:
        self.call.last_pong = time.monotonic()
        sent = self.pinged.pop(message.get("event_id"), None)
        if sent is not None:
            # Never 0: the Python SDK takes that for "not measured", and no real line is so short.
            self.ping_ms = max(1, round((self.call.last_pong - sent) * 1000))

    async def _ping(self) -> None:
        for number in range(1, 1_000_000):
            self.pinged = {number: time.monotonic(), **dict(list(self.pinged.items())[:10])}
            await self.call.send(frames.ping(number, self.ping_ms))
            await asyncio.sleep(self.call.standin.options.ping_seconds)
            if "ping" in self.call.events and time.monotonic() - self.call.last_pong > PONG_SECONDS:
                self.call.hang_up(1002, "No pong from the client", "Client stopped answering")

    async def _watch_clock(self) -> None:
        """Silence, the longest time a call may take, and the account's credits."""
        call, turn = self.call, self.call.config["turn"]
        while True:
            await asyncio.sleep(0.1)
            if self.turns.busy or self.ear.speaking:
                call.last_sign = max(call.last_sign, time.monotonic())
            silence, most = time.monotonic() - call.last_sign, turn.get("silence_end_call_timeout") or -1
            if 0 < most < silence:
                return call.hang_up(1000, "", "Call ended after a long silence")
            if call.seconds > call.config["conversation"]["max_duration_seconds"]:
                return await self._end_overtime()
            limits = call.standin.limits
            if limits.credits_used + call.seconds * records.CREDITS_A_SECOND >= limits.credits:
                return call.hang_up(1002, "This request exceeds your quota limit.", error_type="quota_exceeded")
            patience = turn.get("turn_timeout") or -1
            if 0 < patience < silence and not (self.asked_still_there or call.text_only):
                self.asked_still_there = True
                await self.turns.remark("still_there")

    async def _end_overtime(self) -> None:
        call = self.call
        message = call.config["agent"].get("max_conversation_duration_message")
        if message:
            await self.turns.speak_last_words(call.fill(message))
        said = "Conversation exceeded its maximum duration"
        await call.send(frames.error(1000, said, "max_duration_exceeded"))
        call.hang_up(1000, "", said)

    def _notice_life(self) -> None:
        self.call.show_life()
        self.asked_still_there = False

    def _run(self, work) -> asyncio.Task:
        task = asyncio.create_task(work)
        self.errands.add(task)
        task.add_done_callback(self.errands.discard)
        return task


def finish(call: Call) -> None:
    """Write the call down and start what comes after it."""
    standin, record = call.standin, call.record
    standin.calls.pop(call.id, None)
    hangup, reason = call.over.result() if call.over.done() else (Hangup(1011), "Internal error")
    logger.info("The call is over after %.1f s, code %s", call.seconds, hangup.code)
    failed = hangup.code in (1002, 1008, 1011)
    error = {"code": hangup.code, "reason": hangup.reason or reason} if failed else None
    standin.limits.credits_used += records.end(record, call.seconds, reason, error)
    if call.tape.seconds and call.agent["platform_settings"]["privacy"].get("record_voice", True):
        record.update(has_audio=True, has_user_audio=bool(call.tape.visitor), has_response_audio=bool(call.tape.agent))
        standin.keep_tape(call.id, call.tape)
    standin.store.touch()
    standin.later(analysis.finish(standin, record, call.agent))


async def _close(websocket: WebSocket, hangup: Hangup) -> None:
    if websocket.application_state == WebSocketState.CONNECTED and websocket.client_state == WebSocketState.CONNECTED:
        reason = hangup.reason.encode()[:REASON_BYTES].decode("utf-8", "ignore")
        with contextlib.suppress(RuntimeError, OSError):
            await websocket.close(hangup.code, reason)
