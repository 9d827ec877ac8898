"""A voice line whose every message the test writes: what the stand-in never does, a broken service may."""

import base64
import json
import math
import struct
import threading
import time
from contextlib import contextmanager, suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

RATE = 16_000
METADATA = {
    "conversation_initiation_metadata_event": {
        "conversation_id": "conv_scripted",
        "agent_output_audio_format": f"pcm_{RATE}",
        "user_input_audio_format": f"pcm_{RATE}",
    },
    "type": "conversation_initiation_metadata",
}


class Line:
    """One connection, from the service's side. `received` holds what the page sent, sound apart: of that, `samples` counts
    all and `loud` the pieces that were not silence."""

    def __init__(self, connection):
        self.connection, self.received, self.samples, self.loud = connection, [], 0, 0
        self.closed = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with suppress(ConnectionClosed):
            for frame in self.connection:
                message = json.loads(frame)
                if "user_audio_chunk" in message:
                    sound = base64.b64decode(message["user_audio_chunk"])
                    self.samples += len(sound) // 2
                    self.loud += any(sound)
                else:
                    self.received.append(message)
        self.closed.set()

    def wait_for(self, kind, seconds=10):
        """The first message of this kind. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for message in self.received:
                if message["type"] == kind:
                    return message
            time.sleep(0.01)
        raise TimeoutError(f"no {kind} within {seconds} s; there were {[one['type'] for one in self.received]}")

    def send(self, kind, payload=None, **event):
        with suppress(ConnectionClosed):
            self.connection.send(json.dumps({payload or f"{kind}_event": event, "type": kind}))

    def answer_the_call(self):
        self.wait_for("conversation_initiation_client_data")
        with suppress(ConnectionClosed):
            self.connection.send(json.dumps(METADATA))

    def greet(self, text="Good day."):
        """Answer the call and say the first words."""
        self.answer_the_call()
        self.ping()
        self.announce(text, 1)
        self.speak(text, 1)

    def ping(self, number=1):
        self.send("ping", event_id=number, ping_ms=None)

    def ping_every(self, seconds):
        """Ping until the line is closed."""
        number = 0
        while not self.closed.wait(seconds):
            number += 1
            self.ping(number)

    def hear(self, text, number):
        self.send("user_transcript", "user_transcription_event", user_transcript=text, event_id=number)

    def announce(self, text, number):
        """The text of what is about to be said."""
        self.send("agent_response", agent_response=text, event_id=number)

    def speak(self, text, number, seconds_a_character=0.06, aligned=True):
        """Sound for the text, sent in one burst, as ElevenLabs does. Returns how long it sounds, in seconds."""
        milliseconds = [round(index * seconds_a_character * 1000) for index in range(len(text))]
        alignment = {
            "chars": list(text),
            "char_start_times_ms": milliseconds,
            "char_durations_ms": [round(seconds_a_character * 1000)] * len(text),
        }
        sound = base64.b64encode(tone(len(text) * seconds_a_character)).decode()
        extra = {"alignment": alignment} if aligned else {}
        self.send("audio", audio_base_64=sound, event_id=number, **extra)
        return len(text) * seconds_a_character

    def interrupt(self, number):
        self.send("interruption", event_id=number)

    def correct(self, original, corrected, number):
        self.send(
            "agent_response_correction",
            original_agent_response=original,
            corrected_agent_response=corrected,
            event_id=number,
        )

    def look_up(self, seconds=0.2):
        """A tool call as the page sees it."""
        call = {"tool_name": "query_persona_knowledge", "tool_call_id": "call_1", "tool_type": "webhook", "event_id": 2}
        self.send("agent_tool_request", "agent_tool_request", **call)
        time.sleep(seconds)
        self.send("agent_tool_response", "agent_tool_response", **call, is_error=False, is_called=True)

    def hang_up(self, code, reason=""):
        self.connection.close(code, reason)


def tone(seconds, hertz=220):
    """A quiet sine, 16-bit little-endian at 16 kHz."""
    count = int(seconds * RATE)
    return struct.pack(f"<{count}h", *(int(9000 * math.sin(math.tau * hertz * n / RATE)) for n in range(count)))


@contextmanager
def scripted(script, port=0):
    """Serve lines that `script(line)` plays on. Gives the address of the service, ws://…"""

    def play(connection):
        script(Line(connection))

    with serve(play, "127.0.0.1", port, subprotocols=["convai"]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
