"""What the chat page's own script sends and reads. Internal: it changes with the page, without notice.

These doors forgive: a form without a script sends texts only, and what is not understood is left out where it can be.
"""

from rest_framework import serializers

from voice.contract.fields import Plain
from voice.contract.machines import Citation, Error
from voice.forms import KINDS, MAX_EVENTS, MAX_HEARD, QuestionForm

THREAD = {"type": "string", "description": "The thread the page shows; empty: the latest, else a new one."}
DATE_TIME = {"type": "string", "format": "date-time"}


def _thread():
    return Plain(THREAD, required=False)


class Question(serializers.Serializer):
    text = Plain({"type": "string", "minLength": 1, "maxLength": QuestionForm.MAX})
    key = Plain({"type": "string", "pattern": "^[A-Za-z0-9-]{1,64}$"}, required=False)
    thread = _thread()


class OfThread(serializers.Serializer):
    thread = _thread()


class Rating(serializers.Serializer):
    rating = Plain({"type": "integer", "minimum": 1, "maximum": 5})
    comment = Plain({"type": "string", "maxLength": 1000}, required=False)
    thread = _thread()


class Thumb(serializers.Serializer):
    turn = Plain({"type": "integer", "minimum": 1, "maximum": 2**63 - 1})
    thumb = Plain({"type": "string", "enum": ["up", "down", ""]}, required=False)
    note = Plain({"type": "string", "maxLength": 300}, required=False)


class Attempt(serializers.Serializer):
    key = Plain({"type": "string", "format": "uuid"})
    outcome = Plain({"type": "string", "pattern": "^[a-z][a-z-]{1,39}$"})
    detail = Plain({"type": "string", "maxLength": 40}, required=False)
    session = Plain({"type": "string", "maxLength": 255}, required=False)
    resumed = Plain({"type": "boolean"}, required=False)
    milliseconds = Plain({"type": "object", "additionalProperties": {"type": "integer"}}, required=False)
    answers = Plain({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, required=False)
    thread = _thread()


class Wait(serializers.Serializer):
    ticket = Plain({"type": "string", "maxLength": 400}, required=False)
    joins = Plain({"type": "boolean"}, required=False)
    hidden = Plain({"type": "boolean"}, required=False)
    refused = Plain({"type": "string", "maxLength": 255}, required=False)


class Leave(serializers.Serializer):
    closed = Plain({"type": "boolean"}, required=False)


class Event(serializers.Serializer):
    kind = Plain({"type": "string", "enum": list(KINDS)})
    key = Plain({"type": "string", "minLength": 1, "maxLength": 40}, required=False)
    text = Plain({"type": "string", "maxLength": MAX_HEARD}, required=False)
    channel = Plain({"type": "string", "enum": ["typed", "spoken"]}, required=False)
    after = Plain({"type": "integer"}, required=False)
    repeats = Plain({"type": "boolean"}, required=False)
    done = Plain({"type": "boolean"}, required=False)


class Heard(serializers.Serializer):
    session = serializers.CharField()
    events = serializers.ListField(child=Event(), max_length=MAX_EVENTS, required=False)


class End(serializers.Serializer):
    session = serializers.CharField()
    reason = Plain({"type": "string"}, required=False)


class PageError(Error):
    retry_after = serializers.IntegerField(allow_null=True, required=False, help_text="Seconds.")


class PageRefusal(serializers.Serializer):
    """What the page's script hears that is turned away; a form is led back to its page instead."""

    error = PageError()


class Done(serializers.Serializer):
    ok = Plain({"type": "boolean", "enum": [True]})
    thread = Plain({"type": "string", "format": "uuid"}, required=False)
    minutes = serializers.CharField(required=False, allow_blank=True, help_text="When few minutes are left.")


class Cited(Citation):
    url = serializers.CharField(help_text="The passage in its document.")


class Turn(serializers.Serializer):
    thread = serializers.UUIDField()
    id = serializers.IntegerField()
    key = serializers.CharField(allow_blank=True)
    speaker = serializers.CharField()
    channel = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    full_text = serializers.CharField(allow_blank=True)
    interrupted = serializers.BooleanField()
    repeats = serializers.BooleanField()
    at = Plain(DATE_TIME)
    citations = Cited(many=True)
    liked = serializers.BooleanField(allow_null=True)


class Turns(serializers.Serializer):
    thread = serializers.CharField(allow_blank=True)
    turns = Turn(many=True)
    latest = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)


class Permission(serializers.Serializer):
    signed_url = serializers.CharField(help_text="Opens one call, within fifteen minutes.")
    session = serializers.CharField()
    thread = serializers.CharField()
    keys = serializers.CharField()
    context = serializers.CharField(allow_blank=True)
    language = serializers.CharField()
    max_seconds = serializers.IntegerField()
    per = serializers.CharField(allow_blank=True)
    spent = serializers.CharField(allow_blank=True)


class Standing(serializers.Serializer):
    place = serializers.IntegerField()
    turn = serializers.FloatField(allow_null=True)
    ticket = serializers.CharField()
    minutes = serializers.IntegerField(allow_null=True)
    again = serializers.IntegerField()


class Kept(serializers.Serializer):
    turns = Turn(many=True)
    citations = Cited(many=True)
    looking_in = serializers.ListField(child=serializers.CharField())
    taken = serializers.IntegerField()
    seen = serializers.IntegerField()


class Finding(serializers.Serializer):
    name = serializers.CharField()
    ok = serializers.BooleanField()
    says = serializers.CharField()
    advice = serializers.CharField(allow_blank=True)
    milliseconds = serializers.FloatField(allow_null=True)


class Findings(serializers.Serializer):
    findings = Finding(many=True)
