"""The official Python SDK's two conversations, unchanged, behind one set of verbs: the threaded and the asynchronous one."""

import asyncio
import functools
import threading
import time

from elevenlabs.conversational_ai.conversation import (
    AsyncAudioInterface,
    AsyncConversation,
    AudioInterface,
    ClientTools,
    Conversation,
)

CHUNK = 8000  # a quarter second, as the SDK's own microphone gives it
PATIENCE = 30


def until(condition, *talks, seconds=PATIENCE):
    """Wait until it is true (of every conversation, when some are given). Fails with the notes of those it is not true of."""
    give_up = time.monotonic() + seconds
    while not (all(condition(talk) for talk in talks) if talks else condition()):
        assert time.monotonic() < give_up, f"it did not happen in time: {talks}"
        time.sleep(0.02)


class Notes:
    """What the SDK called back with, in order."""

    def __init__(self):
        self.said, self.heard, self.corrected, self.parts = [], [], [], []
        self.alignments, self.latencies, self.ends = [], [], []

    def callbacks(self) -> dict:
        """The SDK's callbacks, all but the deprecated one."""
        return {
            "callback_agent_response": self.said.append,
            "callback_user_transcript": self.heard.append,
            "callback_agent_response_correction": lambda *pair: self.corrected.append(pair),
            "callback_agent_chat_response_part": lambda text, kind: self.parts.append((text, kind)),
            "callback_audio_alignment": self.alignments.append,
            "callback_latency_measurement": self.latencies.append,
            "callback_disconnect": self.ends.append,
        }


class Headset:
    """A pretend microphone and loudspeaker: what was heard before and after the last interruption."""

    def __init__(self):
        self.heard, self.afterwards, self.interrupted = b"", b"", 0
        self.mouth = None
        self.stopped = False

    def hear(self, audio):
        self.heard += audio
        self.afterwards += audio

    def fall_silent(self):
        self.interrupted += 1
        self.afterwards = b""


class ThreadedAudio(AudioInterface):
    """The SDK's audio interface around a headset."""

    def __init__(self, headset: Headset):
        self.headset, self.output, self.interrupt = headset, headset.hear, headset.fall_silent

    def start(self, input_callback):
        self.headset.mouth = input_callback

    def stop(self):
        self.headset.stopped = True

    def output(self, audio):
        """Replaced by the headset's own."""

    def interrupt(self):
        """Replaced by the headset's own."""


class AsynchronousAudio(AsyncAudioInterface):
    """The same for the asynchronous conversation; the microphone may be spoken into from any thread."""

    def __init__(self, headset: Headset, loop):
        self.headset, self.loop = headset, loop

    async def start(self, input_callback):
        def speak(audio):
            asyncio.run_coroutine_threadsafe(input_callback(audio), self.loop).result(PATIENCE)

        self.headset.mouth = speak

    async def stop(self):
        self.headset.stopped = True

    async def output(self, audio):
        self.headset.hear(audio)

    async def interrupt(self):
        self.headset.fall_silent()


class Talk:
    """The threaded `Conversation`. `tools` are {name: (handler, whether it is a coroutine function)}."""

    ended = False

    def __init__(self, client, agent_id, headset=False, tools=None, requires_auth=True, **named):
        self.notes, self.headset = Notes(), Headset() if headset else None
        kit = ClientTools()
        for name, (handler, is_async) in (tools or {}).items():
            kit.register(name, handler, is_async)
        audio = ThreadedAudio(self.headset) if headset else None
        named |= {"requires_auth": requires_auth, "audio_interface": audio, "client_tools": kit}
        self.conversation = Conversation(client, agent_id, **self.notes.callbacks(), **named)

    def __repr__(self):
        return f"<{type(self.conversation).__name__}: {vars(self.notes)}>"

    def do(self, verb: str, *arguments, **named):
        """Call a method of the SDK's conversation: `talk.do("send_user_message", "Hello")`."""
        return getattr(self.conversation, verb)(*arguments, **named)

    def end(self) -> str:
        """End it if it is not over; gives the conversation's id."""
        if not self.ended:
            self.do("end_session")
            self.do("wait_for_session_end")
            self.ended = True
        return self.conversation_id

    @property
    def conversation_id(self) -> str | None:
        """None until the metadata came. The SDK tells it only at the end, and keeps it here."""
        return self.conversation._conversation_id

    def speak(self, pcm: bytes, pace: float = 1.0) -> None:
        """Say these samples into the microphone."""
        until(lambda: self.headset.mouth)
        for at in range(0, len(pcm), CHUNK):
            self.headset.mouth(pcm[at : at + CHUNK])
            time.sleep(0.25 / pace)


class AsyncTalk(Talk):
    """The `AsyncConversation`, in an event loop of its own."""

    def __init__(self, client, agent_id, headset=False, tools=None, requires_auth=True, **named):
        self.notes, self.headset = Notes(), Headset() if headset else None
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        kit = ClientTools(loop=self.loop)
        for name, (handler, is_async) in (tools or {}).items():
            kit.register(name, handler, is_async)
        audio = AsynchronousAudio(self.headset, self.loop) if headset else None
        named |= {"requires_auth": requires_auth, "audio_interface": audio, "client_tools": kit}
        callbacks = {name: _awaited(call) for name, call in self.notes.callbacks().items()}
        self.conversation = AsyncConversation(client, agent_id, **callbacks, **named)

    def do(self, verb, *arguments, **named):
        work = getattr(self.conversation, verb)(*arguments, **named)
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def end(self):
        conversation_id = super().end()
        self.loop.call_soon_threadsafe(self.loop.stop)
        return conversation_id


def _awaited(call):
    @functools.wraps(call)
    async def awaited(*arguments):
        return call(*arguments)

    return awaited


def speak_all(talks, pcm: bytes, pace: float = 1.0) -> None:
    """Say the same in every conversation at the same time."""
    speakers = [threading.Thread(target=talk.speak, args=(pcm, pace)) for talk in talks]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
