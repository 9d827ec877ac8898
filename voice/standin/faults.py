"""Failing on demand: rules that make the stand-in slow, rude, forgetful or silent."""

import fnmatch
import random
import weakref
from dataclasses import asdict, dataclass, field

from voice.standin import validation as v
from voice.standin.store import new_id

HTTP = (
    "latency", "late_answer", "status", "status_after", "lost_answer", "hang", "drop", "half_answer", "trickle", "garbage",
)  # fmt: skip
WEBSOCKET = ("close", "drop", "half_frame", "hang", "silence", "latency", "wrong_first", "garbage")
WEBHOOK = ("undelivered", "twice", "late", "out_of_order", "bad_signature", "stale")
DOES = {"http": HTTP, "websocket": WEBSOCKET, "webhook": WEBHOOK}
RULES = {
    "on": v.one_of(*DOES),
    "do": v.text(),
    "path": v.text(),
    "method": v.text(),
    "percent": v.number(0, 100),
    "times": v.number(1, whole=True),
    "seconds": v.number(0, 3600),
    "status": v.number(400, 599, whole=True),
    "retry_after": v.number(0),
    "code": v.number(1000, 4999, whole=True),
    "reason": v.text(123),
    "says": v.text(pattern=r"^[a-z_]+$"),
    "after": v.number(0, 3600),
}
# Every open connection by (host, port) of the other side, so that a fault can cut it.
TRANSPORTS: weakref.WeakValueDictionary = weakref.WeakValueDictionary()


@dataclass
class Fault:
    """One rule. `path` is a pattern of shell wildcards, for webhooks of the event's type, for conversations also of the path
    with its query, which names the agent; `times` None is for ever."""

    on: str
    do: str
    path: str = "*"
    method: str = "*"
    percent: float = 100
    times: int | None = None
    seconds: float = 1.0
    status: int = 503
    retry_after: float | None = None
    code: int = 1011
    reason: str = ""
    says: str = ""
    after: float = 0.0
    id: str = field(default_factory=lambda: new_id("fault"))
    struck: int = 0


def read(body: dict) -> Fault:
    """A rule from JSON. Raises 422 for one that means nothing."""
    v.check(body, RULES, required=("on", "do"))
    v.check(body, {"do": v.one_of(*DOES[body["on"]])})
    return Fault(**{key: value for key, value in body.items() if key in RULES and value is not None})


class Faults:
    """The rules in force, first come first served."""

    def __init__(self, chance=random.random):
        self.rules: list[Fault] = []
        self.chance = chance

    def add(self, body: dict) -> Fault:
        """A new rule from JSON. Raises 422 for one that means nothing."""
        self.rules.append(read(body))
        return self.rules[-1]

    def remove(self, fault_id: str | None = None) -> None:
        """Drop one rule, or all."""
        self.rules = [rule for rule in self.rules if fault_id and rule.id != fault_id]

    def pick(self, on: str, *paths: str, method: str = "*") -> Fault | None:
        """The first rule that strikes here (under any of its names) and now. Counts it, and drops it after its last time."""
        for rule in self.rules:
            here = any(fnmatch.fnmatch(path, rule.path) for path in paths)
            if rule.on == on and here and fnmatch.fnmatch(method, rule.method) and self.chance() * 100 < rule.percent:
                rule.struck += 1
                if rule.times is not None:
                    rule.times -= 1
                    if rule.times == 0:
                        self.rules.remove(rule)
                return rule
        return None

    def as_json(self) -> list[dict]:
        """The rules in force."""
        return [asdict(rule) for rule in self.rules]


def cut(client) -> None:
    """Reset the connection of this client (host, port) without a word."""
    transport = TRANSPORTS.get(tuple(client or ()))
    if transport is not None:
        transport.abort()


def write_raw(client, data: bytes) -> None:
    """Put bytes on this client's connection as they are, past every protocol."""
    transport = TRANSPORTS.get(tuple(client or ()))
    if transport is not None:
        transport.write(data)
