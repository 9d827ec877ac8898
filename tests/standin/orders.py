"""Golden orders of frames: hand-written files beside this module, and how a recorded conversation is held against one.

A line is one frame: who sent it (C client, S server), its type, what tells it from its like (the kind of a part, the name of a
tool, a status), `#` and its event id. `?` after it: perhaps; `*`: any number; `+`: at least one. Lines between `together {`
and `}` are strands that may run into each other in any way; the frames of one strand, with `,` between them, may not.
`#` alone begins a remark. Ids are those of the documented counter, so they need no normalising; times, texts and sound are left out.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "orders"
# These run beside everything else at a pace of their own.
ALONGSIDE = {"ping", "pong", "user_audio_chunk", "vad_score"}


def label(side: str, frame: dict) -> str:
    """`S agent_chat_response_part start #2`"""
    inside = next((value for key, value in frame.items() if key != "type" and isinstance(value, dict)), {})
    kind = frame.get("type", "user_audio_chunk")
    detail = inside.get("type") or inside.get("tool_name") or inside.get("status") or inside.get("error_type")
    number = inside.get("event_id") if side == "S" else None
    words = [side, kind, detail if side == "S" and kind != "agent_response" else None, number and f"#{number}"]
    return " ".join(word for word in words if word)


def labels(log: list[tuple[str, dict]]) -> list[str]:
    """A recorded conversation as labels, without what runs alongside."""
    return [label(side, frame) for side, frame in log if frame.get("type", "user_audio_chunk") not in ALONGSIDE]


@dataclass
class Strand:
    """Steps that come one after the other: [(label, mark)]."""

    steps: list[tuple[str, str]]
    at: int = 0
    seen: bool = field(default=False)

    def take(self, found: str) -> bool:
        """Go on with this frame, if it may come now."""
        for number in range(self.at, len(self.steps)):
            wanted, mark = self.steps[number]
            if wanted == found:
                again = mark in ("+", "*")
                self.at, self.seen = (number, True) if again else (number + 1, False)
                return True
            if not self._may_pass(number):
                return False
        return False

    @property
    def missing(self) -> list[str]:
        """What must still come."""
        return [self.steps[number][0] for number in range(self.at, len(self.steps)) if not self._may_pass(number)]

    def _may_pass(self, number: int) -> bool:
        mark = self.steps[number][1]
        return mark in ("?", "*") or (mark == "+" and self.seen and number == self.at)


def read(text: str) -> list[list[Strand]]:
    """The blocks of a golden order, each a list of strands."""
    blocks, inside = [], None
    for line in (line.split("# ")[0].strip() for line in text.splitlines()):
        if line == "together {":
            inside = []
        elif line == "}":
            blocks, inside = [*blocks, inside], None
        elif line and line != "#":
            strand = Strand([_step(step) for step in line.split(",")])
            if inside is None:
                blocks.append([strand])
            else:
                inside.append(strand)
    return blocks


def _step(text: str) -> tuple[str, str]:
    found = re.fullmatch(r"\s*([CS] [\w ]+?(?: #\d+)?)(?: ([?*+]))?\s*", text)
    assert found, f"not a step of an order: {text!r}"
    return found[1], found[2] or ""


def complaint(text: str, found: list[str]) -> str:
    """How these labels depart from the golden order, or nothing."""
    at = 0
    for block in read(text):
        while at < len(found) and any(strand.take(found[at]) for strand in block):
            at += 1
        missing = [step for strand in block for step in strand.missing]
        if missing:
            came = found[at] if at < len(found) else "the end"
            return f"after {found[:at]}\nthere should come {missing}, but {came} came, then {found[at + 1 :]}"
    return f"nothing more should come, but {found[at:]} came" if at < len(found) else ""


def golden(name: str) -> str:
    """The text of orders/<name>.txt."""
    return (FOLDER / f"{name}.txt").read_text()
