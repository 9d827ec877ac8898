"""One voice connection: what goes over the wire, and at what pace. What it means stands in `call`.

The shapes are those of the official browser client (`@elevenlabs/client`): the subprotocol, the introduction, samples in
base64, pongs. The official Python SDK asks for its own signed address with an account's key, which no visitor has.
"""

import asyncio
import base64
import contextlib
import json
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from voice.callers import speech
from voice.callers.page import Unreachable

PIECE_SECONDS = 0.1  # of the microphone's sound in one message
PIECE = int(PIECE_SECONDS * speech.RATE) * 2
SILENCE = bytes(PIECE)
SECONDS_TO_CONNECT = 15
INTRODUCTION = {
    "type": "conversation_initiation_client_data",
    "conversation_config_override": {},
    "source_info": {"source": "js_sdk", "version": "1.25.0"},
}


class Line:
    """`async with Line(signed_url, take) as line`: every message that comes is given to `take(kind, payload)`.

    A text-only line sends no sound and is sent none. Raises Unreachable.
    """

    def __init__(self, address, take, text_only=False):
        self.address, self.take, self.text_only = address, take, text_only
        self.closed = None  # (code, reason) once it is
        self._tasks, self._waiting, self._said = [], bytearray(), asyncio.Event()

    async def __aenter__(self):
        try:
            async with asyncio.timeout(SECONDS_TO_CONNECT):
                self._socket = await connect(
                    self.address, subprotocols=["convai"], max_size=None, ping_interval=None, proxy=None
                )
        except (OSError, TimeoutError, WebSocketException) as fault:
            host = self.address.partition("?")[0]
            raise Unreachable(f"The voice line {host} cannot be opened ({type(fault).__name__}).") from fault
        await self._introduce()
        self._tasks = [asyncio.create_task(work) for work in (self._read(), self._listen())]
        return self

    async def __aexit__(self, *_raised):
        await self.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def hang_up(self):
        """Close the connection, if it is not closed already."""
        with contextlib.suppress(OSError, WebSocketException):
            await self._socket.close(1000, "User ended conversation")

    async def write(self, message):
        """Send one message; that the line is closed is noticed by who waits for an answer."""
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(json.dumps(message))

    async def speak(self, pcm):
        """Say it into the microphone. Comes back when the last of it was sent, at the pace of a voice."""
        self._said.clear()
        self._waiting += pcm
        await self._said.wait()

    async def _introduce(self):
        override = {"conversation": {"text_only": True}} if self.text_only else {}
        await self.write({**INTRODUCTION, "conversation_config_override": override})

    async def _read(self):
        try:
            async for frame in self._socket:
                message = json.loads(frame)
                kind = message.pop("type", "")
                payload = next(iter(message.values()), {})
                if kind == "ping":
                    await self.write({"type": "pong", "event_id": payload["event_id"]})
                else:
                    self.take(kind, payload)
        except ConnectionClosed:
            pass  # without a close frame; the code says so
        self.closed = (self._socket.close_code or 1006, self._socket.close_reason or "")
        self._said.set()
        self.take("closed", {})

    async def _listen(self):
        """The microphone: it never stops sending, mostly silence."""
        due = time.monotonic()
        while not self.text_only and self.closed is None:
            piece, self._waiting = bytes(self._waiting[:PIECE]), self._waiting[PIECE:]
            chunk = base64.b64encode(piece + SILENCE[len(piece) :]).decode()
            await self.write({"user_audio_chunk": chunk})
            due += PIECE_SECONDS
            await asyncio.sleep(due - time.monotonic())
            if not self._waiting:
                self._said.set()
