"""Fields as strict as the parsers behind the doors: a number is no text, and nothing is trimmed or guessed."""

import re

from drf_spectacular.drainage import set_override
from rest_framework import serializers

# What is left of a question when everything hidden was taken out (knowledge.speech): one such character at least.
_HIDDEN = (
    "\\u0000-\\u0020\\u007f-\\u00a0\\u00ad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000"
    "\\ufeff\\ufff9-\\ufffb\\ufffe\\uffff\U000e0000-\U000e0fff"
)
VISIBLE = f"[^{_HIDDEN}]"
PRINTABLE = "[ -~]"
WRONG_TYPE = "type"


class Text(serializers.Field):
    """A text of a form. ``pattern`` must be found in it; anchored, it is all of it. Other types are refused as ``type``."""

    default_error_messages = {"type": "A text is expected.", "form": "This is not of the form {pattern}."}

    def __init__(self, pattern="", least=0, most=None, form="", otherwise="form", **options):
        super().__init__(**options)
        self._pattern, self._least, self._most, self._otherwise = pattern, least, most, otherwise
        described = {"type": "string", "format": form, "pattern": pattern, "minLength": least, "maxLength": most}
        set_override(self, "field", {name: value for name, value in described.items() if value})

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("type")
        short, long = len(data) < self._least, self._most is not None and len(data) > self._most
        # ECMAScript's $ is the end of all; Python's also stands before a last line break.
        if short or long or not re.search(self._pattern.removesuffix("$") + r"\Z" * self._pattern.endswith("$"), data):
            raise serializers.ValidationError(f"This is not of the form {self._pattern}.", self._otherwise)
        return data

    def to_representation(self, value):
        return value


class Name(Text):
    """One known word; another one is refused with a code of its own."""

    default_error_messages = {"unknown_function": "There is no such function here."}

    def __init__(self, known, **options):
        super().__init__(**options)
        self._known = known
        set_override(self, "field", {"type": "string", "enum": sorted(known)})

    def to_internal_value(self, data):
        if super().to_internal_value(data) not in self._known:
            self.fail("unknown_function")
        return data


class Plain(serializers.Field):
    """Anything, described by a JSON schema: what a door gives back, or takes as it comes."""

    def __init__(self, schema, **options):
        super().__init__(**options)
        set_override(self, "field", schema)

    def to_internal_value(self, data):
        return data

    def to_representation(self, value):
        return value
