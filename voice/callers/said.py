"""One thing a persona says in a call: its words, its sound, and what of it has been heard by now."""

import base64
import re
import time
from dataclasses import dataclass, field

from voice.callers import speech

LATENCY = 0.06  # seconds from a chunk's arrival to its sound, as the page reckons
PATIENCE = 2.0  # without a further chunk of sound, the turn is over


@dataclass
class Said:
    """`text` is None until it is known: sound may come first. Times are of time.monotonic()."""

    event_id: int
    key: str
    text: str | None = None
    chars: list = field(default_factory=list)
    starts: list = field(default_factory=list)
    pcm: bytearray = field(default_factory=bytearray)
    began: float = 0.0  # when its first sound came
    last: float = 0.0  # when anything of it came last
    ends: float = 0.0  # when all that came so far will have been heard
    told_at: float = 0.0  # when its text came
    closed: bool = False  # whatever comes next is another one, even under the same event id
    corrected: str | None = None

    def hear(self, event, free):
        """Take a chunk of sound, which is heard after ``free``, the end of what is still playing. Gives its own end."""
        now = time.monotonic()
        self.began, self.last = self.began or now, now
        pcm, aligned = base64.b64decode(event["audio_base_64"]), event.get("alignment") or {}
        begins = max(free, now + LATENCY)
        self.pcm += pcm
        self.chars += aligned.get("chars") or []
        self.starts += [begins + at / 1000 for at in aligned.get("char_start_times_ms") or []]
        self.ends = begins + speech.seconds(pcm)
        return self.ends

    @property
    def covered(self):
        """The share of its characters for which there was sound."""
        return min(1.0, len(self.chars) / max(1, len((self.text or "").strip())))

    def is_spoken(self, now):
        """Whether all of it has been sent."""
        if self.text is None:
            return False
        return self.covered >= 0.98 or now - max(self.last, self.told_at) > PATIENCE

    def heard(self, now):
        """What has been heard of it, up to the end of the word that is being said."""
        count = sum(1 for start in self.starts if start <= now)
        rest = re.match(r"\S*", "".join(self.chars[count:]))
        return ("".join(self.chars[:count]) + rest[0]).lstrip() if count else ""
