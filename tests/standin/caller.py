"""A visitor on the raw WebSocket: says things, answers pings, keeps every frame of both sides in order."""

import base64
import contextlib
import json
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

INIT = {
    "type": "conversation_initiation_client_data",
    "conversation_config_override": {"agent": {}, "tts": {}, "conversation": {}},
    "source_info": {"source": "js_sdk", "version": "1.25.0"},
}
CHUNK = 1024


class Caller:
    """`with Caller(url) as caller:` connects and introduces itself; `frames` holds what came, pings answered and kept."""

    def __init__(self, url: str, init: dict | None = None, subprotocols=("convai",), pong: bool = True, **options):
        self.stack = contextlib.ExitStack()
        # No limit to what waits unread: a full queue would keep the close frame from being seen for ten seconds.
        limits = {"max_size": None, "max_queue": None, "open_timeout": 20, "close_timeout": 2}
        opening = connect(url, subprotocols=subprotocols or None, **limits, **options)
        self.socket = self.stack.enter_context(opening)
        self.frames: list[dict] = []
        self.log: list[tuple[str, dict]] = []  # ("C" or "S", frame): who sent it, client or server
        self.read = 0
        self.pong = pong
        self.closed: tuple[int, str] | None = None
        if init is not None:
            self.send({**INIT, **init})

    def __enter__(self):
        return self

    def __exit__(self, *_raised):
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection."""
        self.stack.close()

    def send(self, message: dict) -> None:
        """Send one frame; that the connection is closed is noticed by who waits for an answer."""
        with contextlib.suppress(ConnectionClosed):
            self.socket.send(json.dumps(message))
            self.log.append(("C", message))

    def type(self, text: str) -> None:
        """Send a typed message."""
        self.send({"type": "user_message", "text": text})

    def speak(self, pcm: bytes, pace: float = 1.0) -> None:
        """Send 16 kHz samples in pieces of 32 ms, at the pace of a microphone."""
        began = time.monotonic()
        for number, at in enumerate(range(0, len(pcm), CHUNK)):
            self.send({"user_audio_chunk": base64.b64encode(pcm[at : at + CHUNK]).decode()})
            time.sleep(max(0.0, began + (number + 1) * CHUNK / 32000 / pace - time.monotonic()))

    def wait(self, kind: str, seconds: float = 20, event_id: int | None = None) -> dict:
        """The payload of the next frame of this type that was not waited for yet."""
        until = time.monotonic() + seconds
        while True:
            while self.read < len(self.frames):
                frame = self.frames[self.read]
                self.read += 1
                if frame["type"] == kind and event_id in (None, payload(frame).get("event_id")):
                    return payload(frame)
            if not self._receive(until - time.monotonic()):
                raise AssertionError(f"no {kind} came, but {[frame['type'] for frame in self.frames]} {self.closed}")

    def listen(self, seconds: float) -> list[dict]:
        """Whatever comes in the next seconds."""
        before, until = len(self.frames), time.monotonic() + seconds
        while self._receive(until - time.monotonic()):
            pass
        return self.frames[before:]

    def wait_for_close(self, seconds: float = 20) -> tuple[int, str]:
        """The close code and reason."""
        until = time.monotonic() + seconds
        while self.closed is None and self._receive(until - time.monotonic()):
            pass
        assert self.closed, f"the connection is still open after {seconds} s"
        return self.closed

    def types(self) -> list[str]:
        """The types of all frames but pings, in order."""
        return [frame["type"] for frame in self.frames if frame["type"] != "ping"]

    def texts(self, kind: str = "agent_response") -> list[str]:
        """What was said, or heard, in order."""
        key = {"agent_response": "agent_response", "user_transcript": "user_transcript"}[kind]
        return [payload(frame)[key] for frame in self.frames if frame["type"] == kind]

    def _receive(self, seconds: float) -> bool:
        if self.closed or seconds <= 0:
            return False
        try:
            frame = json.loads(self.socket.recv(timeout=seconds))
        except TimeoutError:
            return False
        except ConnectionClosed as closed:
            self.closed = (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
            return False
        self.frames.append(frame)
        self.log.append(("S", frame))
        if frame["type"] == "ping" and self.pong:
            self.send({"type": "pong", "event_id": frame["ping_event"]["event_id"]})
        return True


def payload(frame: dict) -> dict:
    """A frame without its envelope."""
    return next((value for key, value in frame.items() if key != "type"), {})
