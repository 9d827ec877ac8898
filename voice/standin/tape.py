"""The recording of a call: both sides, small enough to keep (µ-law at 8 kHz for the visitor)."""

from voice.standin import sound

VISITOR = "ulaw_8000"


class Tape:
    """What was heard on both sides, by second of the call."""

    def __init__(self):
        self.visitor: list[tuple[float, bytes]] = []
        self.agent: list[tuple[float, bytes]] = []
        self.seconds = 0.0

    def hear_visitor(self, at: float, pcm: bytes) -> None:
        """A piece of the visitor's sound (16 kHz), in the order it came; pieces never lie over each other."""
        if self.visitor:
            last, before = self.visitor[-1]
            at = max(at, last + len(before) / 8000)
        self.visitor.append((at, sound.encode(pcm, VISITOR)))
        self.seconds = max(self.seconds, at + sound.seconds(pcm))

    def hear_agent(self, at: float, pcm: bytes) -> None:
        """A piece of the agent's sound (16 kHz) as the visitor hears it."""
        self.agent.append((at, pcm))
        self.seconds = max(self.seconds, at + sound.seconds(pcm))

    def cut_agent(self, at: float) -> None:
        """The visitor interrupted: what would have been heard after `at` was not."""
        kept = [(begin, pcm[: max(0, int((at - begin) * sound.RATE)) * 2]) for begin, pcm in self.agent if begin < at]
        self.agent = kept

    def mixed(self) -> bytes:
        """Both sides in one track, 16 kHz samples."""
        visitor = [(at, sound.decode(data, VISITOR)) for at, data in self.visitor]
        return sound.mix(self.seconds, [*visitor, *self.agent])
