"""When a visitor speaks: voice activity, and where an utterance begins and ends."""

import struct
from collections import deque
from dataclasses import dataclass

import webrtcvad

from voice.standin import sound

FRAME_SECONDS = 0.03
FRAME_BYTES = int(sound.RATE * FRAME_SECONDS) * 2
LOUD_ENOUGH = 150
SILENCE_SECONDS = {"eager": 0.35, "normal": 0.5, "patient": 0.9}
BEFORE_SECONDS = 0.3
STARTED_SECONDS = 0.21
PAUSED_SECONDS = 0.24
LONGEST_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Something noticed in the visitor's sound.

    `started` to speak; `paused`, with the samples of the utterance so far; `ended`: the last pause was the end.
    """

    kind: str
    pcm: bytes = b""


class Ear:
    """Feed it 16 kHz samples of any length. `score` says how likely the last of it was speech, 0 to 1."""

    def __init__(self, eagerness: str = "normal"):
        self.vad = webrtcvad.Vad(2)
        self.silence = SILENCE_SECONDS.get(eagerness, SILENCE_SECONDS["normal"])
        self.before: deque[bytes] = deque(maxlen=round(BEFORE_SECONDS / FRAME_SECONDS))
        self.rest = b""
        self.score = 0.0
        self._forget()

    @property
    def speaking(self) -> bool:
        """Whether an utterance has started and not ended."""
        return self.started

    def feed(self, pcm: bytes) -> list[Heard]:
        """What was noticed in this piece of sound, in order."""
        noticed = []
        self.rest += pcm
        while len(self.rest) >= FRAME_BYTES:
            frame, self.rest = self.rest[:FRAME_BYTES], self.rest[FRAME_BYTES:]
            noticed += self._hear(frame)
        return noticed

    def _hear(self, frame: bytes) -> list[Heard]:
        voiced = _loud(frame) and self.vad.is_speech(frame, sound.RATE)
        self.score += (float(voiced) - self.score) * 0.3
        if not self.frames and not voiced:
            self.before.append(frame)
            return []
        if not self.frames:
            self.frames = list(self.before)
        self.frames.append(frame)
        self.voiced += FRAME_SECONDS if voiced else 0.0
        self.quiet = 0.0 if voiced else self.quiet + FRAME_SECONDS
        return [*self._notice_start(), *self._notice_end()]

    def _notice_start(self) -> list[Heard]:
        if self.started or self.voiced < STARTED_SECONDS:
            return []
        self.started = True
        return [Heard("started")]

    def _notice_end(self) -> list[Heard]:
        noticed = []
        over = self.quiet >= self.silence or len(self.frames) * FRAME_SECONDS > LONGEST_SECONDS
        if self.quiet == 0.0:
            self.paused = False
        if self.started and not self.paused and (over or self.quiet >= PAUSED_SECONDS):
            self.paused = True
            noticed.append(Heard("paused", b"".join(self.frames)))
        if over:
            noticed += [Heard("ended")] if self.started else []
            self.before.extend(self.frames)
            self._forget()
        return noticed

    def _forget(self) -> None:
        self.frames: list[bytes] = []
        self.voiced = self.quiet = 0.0
        self.started = self.paused = False


def _loud(frame: bytes) -> bool:
    """Cheaper than numpy for 480 samples that are mostly silence: every fourth sample is enough."""
    samples = struct.unpack(f"<{len(frame) // 2}h", frame)[::4]
    return sum(sample * sample for sample in samples) > LOUD_ENOUGH**2 * len(samples)
