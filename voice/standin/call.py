"""One call under way: its agent, its connection, its clock."""

import asyncio
import json
import time

from starlette.websockets import WebSocket, WebSocketState

from voice.standin import frames, records, variables, voices
from voice.standin.errors import Hangup
from voice.standin.events import DEFAULT_EVENTS
from voice.standin.playback import Playback
from voice.standin.tape import Tape

ALWAYS_SENT = ("conversation_initiation_metadata", "queue_status")
SUBSCRIBED_AS = {"error": "client_error"}


class Call:
    """A conversation from admission to hang-up. `agent` has this conversation's overrides in it."""

    def __init__(self, standin, websocket: WebSocket, agent: dict, conversation_id: str, record: dict):
        config = agent["conversation_config"]
        self.standin, self.websocket = standin, websocket
        self.id, self.agent, self.record = conversation_id, agent, record
        self.config = config
        self.text_only = bool(config["conversation"]["text_only"])
        self.input_format = config["asr"]["user_input_audio_format"]
        self.output_format = config["tts"]["agent_output_audio_format"]
        self.events = set(config["conversation"].get("client_events") or DEFAULT_EVENTS)
        self.language = config["agent"]["language"]
        self.voice = voices.get(config["tts"]["voice_id"])
        self.speed = config["tts"]["speed"]
        self.variables: dict = {}
        self.tool_mocks: dict = {}
        self.contexts: dict[str, str] = {}
        self.playback = Playback()
        self.tape = Tape()
        self.started = self.last_pong = self.last_sign = time.monotonic()
        self.over: asyncio.Future[tuple[Hangup, str]] = asyncio.get_running_loop().create_future()
        self.muted = False
        self.delay = 0.0
        self._results: dict[str, asyncio.Future] = {}

    @property
    def seconds(self) -> float:
        """How long the call has lasted."""
        return time.monotonic() - self.started

    @property
    def tools(self) -> list[dict]:
        """The agent's stored tools, in its order."""
        stored = self.standin.store.tools
        return [stored[key] for key in self.config["agent"]["prompt"].get("tool_ids") or [] if key in stored]

    @property
    def can_hang_up(self) -> bool:
        """Whether the agent has the built-in tool `end_call`."""
        built_in = self.config["agent"]["prompt"].get("built_in_tools") or {}
        return built_in.get("end_call") is not None

    def fill(self, text: str) -> str:
        """A text with the call's variables in it."""
        return variables.fill(text, {**self.variables, **variables.system(self)})

    async def send(self, frame: dict) -> None:
        """Send a frame if the agent's `client_events` include it. A lost connection is noticed by the reader."""
        kind = frame["type"]
        if self.muted or (kind not in ALWAYS_SENT and SUBSCRIBED_AS.get(kind, kind) not in self.events):
            return
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.websocket.application_state == WebSocketState.CONNECTED:
            try:
                await self.websocket.send_text(json.dumps(frame))
            except (RuntimeError, OSError):
                self.hang_up(1006, "", "The connection was lost.")

    async def send_metadata(self) -> None:
        """Send the first message of the conversation."""
        await self.send(frames.metadata(self.id, self.output_format, self.input_format))

    def hang_up(self, code: int, reason: str = "", termination: str = "", error_type: str = "") -> None:
        """End the call once; later endings change nothing."""
        if not self.over.done():
            self.over.set_result((Hangup(code, reason, error_type), termination or reason))

    def expect_result(self, call_id: str) -> asyncio.Future:
        """A future for the `client_tool_result` with this id."""
        self._results[call_id] = asyncio.get_running_loop().create_future()
        return self._results[call_id]

    def take_result(self, message: dict) -> None:
        """Hand a `client_tool_result` to whoever waits for it; nobody waits for a second or unknown one."""
        waiting = self._results.pop(str(message.get("tool_call_id")), None)
        if waiting and not waiting.done():
            waiting.set_result(message)

    def show_life(self) -> None:
        """The visitor did something: the silence starts anew."""
        self.last_sign = time.monotonic()

    def rate(self, message: dict) -> None:
        """Keep a `feedback` message on its turn."""
        event_id = message.get("event_id")
        records.rate(self.record, message, event_id if isinstance(event_id, int) else None)
