"""What the visitor has heard so far: the server's own clock of a player it cannot see."""

import re
import time
from dataclasses import dataclass, field

from voice.standin import sound

CHUNK_SECONDS = 0.25
PAUSES = {" ": 0.4, ",": 2.5, ";": 3.0, ":": 3.0, ".": 4.0, "!": 4.0, "?": 4.0, "\n": 3.0}


def split_sentences(text: str) -> list[str]:
    """The text in pieces that are spoken one after the other; joined they are the text again."""
    pieces = re.findall(r".+?(?:[.!?…]+[\"'”)]*(?=\s)\s*|\Z)", text, re.DOTALL)
    return [piece for piece in pieces if piece]


def align(text: str, seconds: float) -> tuple[list[str], list[float], list[float]]:
    """(characters, start of each in seconds, length of each): an estimate by weight, not a measurement."""
    weights = [PAUSES.get(letter, 1.0) for letter in text]
    unit = seconds / sum(weights) if weights else 0.0
    starts, lengths, at = [], [], 0.0
    for weight in weights:
        starts.append(at)
        lengths.append(weight * unit)
        at += weight * unit
    return list(text), starts, lengths


@dataclass
class Utterance:
    """One thing an agent says: its text, what was sent of it, and when each character is heard."""

    text: str
    event_id: int
    turn: dict
    chars: list[str] = field(default_factory=list)
    heard_at: list[float] = field(default_factory=list)

    def heard_text(self, now: float) -> str:
        """What has been heard of it at `now`, cut after the last whole word."""
        heard = sum(1 for at in self.heard_at if at <= now)
        if heard >= len(self.text.rstrip()):
            return self.text
        cut = "".join(self.chars[:heard])
        return cut[: cut.rfind(" ") + 1].rstrip() if not cut.endswith(" ") else cut.rstrip()


class Playback:
    """A player that starts with the first chunk and never runs faster than real time."""

    def __init__(self, clock=time.monotonic):
        self.clock = clock
        self.ends_at = 0.0

    @property
    def remaining(self) -> float:
        """Seconds of sound the visitor has still to hear."""
        return max(0.0, self.ends_at - self.clock())

    def enqueue(self, seconds: float) -> float:
        """Add a chunk; gives the time at which it begins to be heard."""
        begins = max(self.ends_at, self.clock())
        self.ends_at = begins + seconds
        return begins

    def flush(self) -> None:
        """The visitor interrupted: nothing of what is queued will be heard."""
        self.ends_at = self.clock()


def cut_chunks(text: str, pcm: bytes, format_: str):
    """Yield (bytes in the format, seconds, characters, starts, lengths) of a quarter of a second each.

    Starts are seconds within the chunk: a character belongs to the chunk in which it begins.
    """
    data, total = sound.encode(pcm, format_), sound.seconds(pcm)
    chars, starts, lengths = align(text, total)
    size = int(sound.bytes_per_second(format_) * CHUNK_SECONDS) // 2 * 2
    first, count = 0, max(1, -(-len(data) // size))
    for number in range(count):
        piece = data[number * size : (number + 1) * size]
        begins = number * CHUNK_SECONDS
        last = number == count - 1
        after = first
        while after < len(chars) and (last or starts[after] < begins + CHUNK_SECONDS):
            after += 1
        inside = [max(0.0, start - begins) for start in starts[first:after]]
        yield piece, len(piece) / sound.bytes_per_second(format_), chars[first:after], inside, lengths[first:after]
        first = after
