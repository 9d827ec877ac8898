"""The frames of the conversation socket as the official ``@elevenlabs/types`` declare them, and whether one is exactly so.

That package is generated from ElevenLabs' AsyncAPI document: interfaces of plain fields and unions of words, which is all of
TypeScript that is read here.
"""

import functools
import re
from pathlib import Path

from tests.conftest import ROOT

DECLARED = ROOT / "node_modules/@elevenlabs/types/generated/types/asyncapi-types.ts"
PLAIN = {"string": str, "number": (int, float), "boolean": bool, "null": type(None)}
# Seen on the real socket and in the public documentation, newer than the package or only told in the widget's source.
QUEUE = {"status": ('"waiting" | "admitted" | "timed_out"', True)}
MORE_FRAMES = {
    "queue_status": {"queue_status_event": (QUEUE, True)},
    "agent_response_complete": {"agent_response_complete_event": ({"event_id": ("number", True)}, True)},
}
MORE_FIELDS = {
    "ClientToolCall": {"expects_response": ("boolean", True)},
    "AgentToolResponse": {
        "is_blocked": ("boolean", False),
        "status": ('"success" | "error" | "blocked" | "skipped"', False),
    },
    "AgentToolResponseFullPayload": {"status": ('"success" | "error" | "blocked" | "skipped"', False)},
}


@functools.cache
def declared(path: Path = DECLARED):
    """({interface: {field: (type, required)}}, {alias: type})."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    interfaces = {
        name: {field: (kind.strip(), not mark) for field, mark, kind in re.findall(r"(\w+)(\??):\s*([^;]+);", body)}
        for name, body in re.findall(r"export interface (\w+) \{(.*?)\n\}", text, re.DOTALL)
    }
    for name, fields in MORE_FIELDS.items():
        interfaces[name] |= fields
    return interfaces, dict(re.findall(r"export type (\w+) =\s*([^;]+);", text))


def frame_faults(frame):
    """What is wrong with a frame of the server, as sentences; ``type`` has to be its last key."""
    kind = frame.get("type")
    fields = MORE_FRAMES.get(kind) or next(
        (f for f in declared()[0].values() if f.get("type", ("",))[0] == f'"{kind}"'), None
    )
    if fields is None:
        return [f"no frame has the type {kind!r}"]
    last = [] if list(frame)[-1] == "type" else [f"{kind}: type is not the last key"]
    inside = {name: value for name, value in frame.items() if name != "type"}
    return [*last, *_object({name: field for name, field in fields.items() if name != "type"}, inside, kind)]


def _object(fields, value, where):
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    told = [f"{where}.{name} is not declared" for name in value if name not in fields]
    for name, (kind, required) in fields.items():
        if name in value:
            told += _value(kind, value[name], f"{where}.{name}")
        elif required:
            told.append(f"{where}.{name} is missing")
    return told


def _value(kind, value, where):
    if isinstance(kind, dict):
        return _object(kind, value, where)
    told = [_member(member.strip(), value, where) for member in kind.split("|") if member.strip()]
    return min(told, key=len)


def _member(kind, value, where):
    interfaces, aliases = declared()
    if kind in interfaces:
        return _object(interfaces[kind], value, where)
    if kind in aliases:
        return _value(aliases[kind], value, where)
    if kind.endswith("[]"):
        items = value if isinstance(value, list) else [None]
        return [said for number, item in enumerate(items) for said in _member(kind[:-2], item, f"{where}[{number}]")]
    if kind.startswith("Record<"):
        return [] if isinstance(value, dict) else [f"{where} is no object"]
    if kind in PLAIN:
        fits = isinstance(value, PLAIN[kind]) and (kind == "boolean") == isinstance(value, bool)
    else:
        fits = kind == "any" or kind == (f'"{value}"' if isinstance(value, str) else str(value))
    return [] if fits else [f"{where}: {value!r} is no {kind}"]
