"""Where two pictures of an agent or a tool differ, path by path. Pure; secrets are sealed before anything is compared.

A picture is flat: {"conversation_config.tts.speed": 1.0, …}. A list is one value, so is an empty object. A dot inside a
name is written %2E.
"""

import difflib
import json
import math
import re
from dataclasses import asdict, dataclass

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

HIDDEN = "••••"
SECRET_NAME = re.compile(r"token|secret|password|passphrase|api_?key|authorization|credential|cookie", re.IGNORECASE)
SECRET_IN_ADDRESS = re.compile(r"(?<=//)[^/@\s]+(?=@)|(?<=[?&])([^=&\s]*(?:token|key|secret|password)[^=&\s]*=)[^&\s]+")
# Objects whose names somebody chooses. Everywhere else a name that was not there before is a new feature of theirs.
MAPS = {
    "data_collection", "data_collection_scopes", "dynamic_variable_placeholders", "edges", "language_presets", "nodes",
    "properties", "request_headers", "text_behavior_overrides",
}  # fmt: skip
UNORDERED = {"client_events", "events", "filters", "required", "tags", "tool_ids"}
# How staff call what is changed most often; everything else is named by its path.
WORDS = {
    "name": _("name"),
    "tags": _("tags"),
    "conversation_config.agent.first_message": _("first message"),
    "conversation_config.agent.language": _("language"),
    "conversation_config.agent.prompt.prompt": _("prompt"),
    "conversation_config.agent.prompt.llm": _("language model"),
    "conversation_config.agent.prompt.temperature": _("temperature"),
    "conversation_config.agent.prompt.tool_ids": _("tools"),
    "conversation_config.tts.voice_id": _("voice"),
    "conversation_config.tts.stability": _("stability"),
    "conversation_config.tts.similarity_boost": _("similarity"),
    "conversation_config.tts.speed": _("speed"),
    "conversation_config.tts.model_id": _("voice model"),
    "platform_settings.auth.enable_auth": _("opens only for a signed address"),
    "tool_config.api_schema.url": _("the tool's address"),
}
SHORT = 90  # characters that still fit beside each other


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one part ("agent", "tool", "secret", "webhook"): what stands there, and what it is to be. None: nothing."""

    part: str
    path: str
    there: object
    ours: object

    @property
    def word(self):
        return str(WORDS.get(self.path, self.path))

    @property
    def names(self):
        """The path in its parts: where a narrow page may break it."""
        return self.path.split(".")

    @property
    def texts(self):
        """(there, ours) as text."""
        return _text(self.there), _text(self.ours)

    @property
    def is_long(self):
        return any(len(text) > SHORT or "\n" in text for text in self.texts)

    @property
    def lines(self):
        """[("-" there only | "+" ours only | " " both | "…" left out, text)]: the two texts line by line."""
        there, ours = (text.splitlines() for text in self.texts)
        told = list(difflib.unified_diff(there, ours, lineterm="", n=1))[2:]
        lines = [("…", "") if line.startswith("@@") else (line[0], line[1:]) for line in told]
        return lines[1:] if told and told[0].startswith(("@@ -1", "@@ -0")) else lines

    def as_json(self):
        return asdict(self)


def flat(tree):
    """The flat picture of a tree of objects, with every secret sealed."""
    return dict(_leaves(_sealed(tree), ()))


def compare(part, wanted, there):
    """[Difference, …] where ``there`` does not have what is ``wanted``; what is not wanted is not looked at."""
    return _ordered(
        Difference(part, path, there.get(path), value)
        for path, value in wanted.items()
        if value != {} and not _alike(path, value, there.get(path))
    )


def find_edits(part, kept, there):
    """[Difference, …] between what was kept and what stands there now, of what a hand can have changed.

    Their API answers with every field it knows. So a field that is new, and not one of a map whose names people choose,
    is news of theirs and no edit; the same for one that went.
    """
    edits = [
        Difference(part, path, there.get(path), value)
        for path, value in kept.items()
        if not _alike(path, value, there.get(path)) and (path in there or _is_open(path, there))
    ]
    added = [path for path, value in there.items() if path not in kept and value not in (None, {}, [])]
    return _ordered(edits + [Difference(part, path, there[path], None) for path in added if _is_open(path, kept)])


def tree(picture):
    """The tree of a flat picture."""
    grown = {}
    for path, value in picture.items():
        *above, last = _names(path)
        inner = grown
        for name in above:
            inner = inner.setdefault(name, {}) if isinstance(inner.get(name, {}), dict) else {}
        inner[last] = value
    return grown


def find_root(path, kept):
    """What has to be given whole so that this path can become what it was: the map it stands in, or what held nothing."""
    names = path.split(".")
    for depth in range(1, len(names)):
        above = ".".join(names[:depth])
        if names[depth - 1] in MAPS or kept.get(above, "") in (None, {}):
            return above
    return path


def is_hidden(value):
    """Whether some of it was sealed, so that it can be compared and not given back."""
    return HIDDEN in json.dumps(value, ensure_ascii=False)


def _ordered(differences):
    """What staff know by a word first, the rest by its path: the same list however they wrote it."""
    words = list(WORDS)
    return sorted(differences, key=lambda one: (words.index(one.path) if one.path in words else len(words), one.path))


def _leaves(value, names):
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, (*names, name.replace("%", "%25").replace(".", "%2E")))
    elif names:
        yield ".".join(names), value


def _names(path):
    return [name.replace("%2E", ".").replace("%25", "%") for name in path.split(".")]


def _sealed(value, name="", is_header=False):
    if isinstance(value, dict):
        return {_storable(key): _sealed(inner, key, name == "request_headers") for key, inner in value.items()}
    if isinstance(value, list):
        return [_sealed(inner, name, is_header) for inner in value]
    if not isinstance(value, str) or not value:
        return value
    if is_header or (SECRET_NAME.search(name) and not name.endswith(("_id", "_ids"))):
        return f"{HIDDEN} {salted_hmac('voice.agents', value).hexdigest()[:8]}"
    return _without_ours(SECRET_IN_ADDRESS.sub(lambda found: f"{found.group(1) or ''}{HIDDEN}", _storable(value)))


def _storable(text):
    """Text as any database keeps it in JSON: with a mark in the place of a NUL or half a surrogate pair."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def _without_ours(text):
    """Our own secrets, wherever somebody pasted them."""
    for secret in (*settings.SERVICE_TOKENS, settings.ELEVENLABS_API_KEY, *settings.ELEVENLABS_WEBHOOK_SECRETS):
        text = text.replace(secret, HIDDEN) if len(secret) >= 8 else text
    return text


def _is_open(path, picture):
    """Whether a hand may add this path to the picture, or take it out."""
    names = path.split(".")[:-1]
    above = [".".join(names[:depth]) for depth in range(1, len(names) + 1)]
    return any(name in MAPS for name in names) or any(picture.get(one, "") in (None, {}) for one in above)


def _alike(path, wanted, there):
    if path.rpartition(".")[2] in UNORDERED and isinstance(wanted, list) and isinstance(there, list):
        return sorted(map(str, wanted)) == sorted(map(str, there))
    return _covers(wanted, there)


def _covers(wanted, there):
    """Whether ``there`` is what is wanted, more or less precise numbers and fields of their own apart."""
    if isinstance(wanted, dict) and isinstance(there, dict):
        return all(_covers(value, there.get(name)) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(there, list):
        return len(wanted) == len(there) and all(map(_covers, wanted, there))
    if _is_number(wanted) and _is_number(there):
        return math.isclose(wanted, there, rel_tol=1e-6)
    if wanted in (None, {}) and there in (None, {}):
        return True
    return type(wanted) is type(there) and wanted == there


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value):
    """A value as staff read it. What was sealed keeps its mark and loses the rest."""
    if isinstance(value, str):
        return HIDDEN if value.startswith(HIDDEN) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value) if len(value) > 3 else ", ".join(value)
    text = json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) and value else None)
    return re.sub(rf"{HIDDEN} [0-9a-f]{{8}}", HIDDEN, text)
