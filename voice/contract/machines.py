"""What ElevenLabs sends and hears. Stable: a change that breaks a caller gets a new address."""

from rest_framework import serializers

from voice import calls, lines, tools
from voice.contract.fields import PRINTABLE, VISIBLE, Name, Plain, Text

PERSONA_ID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
NUMBER = "^[+0-9]{2,32}$"


def _id(longest, pattern=f"^{PRINTABLE}+$", **options):
    return Text(pattern, 1, longest, **options)


class Parameters(serializers.Serializer):
    query = Text(VISIBLE, 1, calls.MAX_QUESTION, help_text="The question, as the agent puts it.")
    persona_id = Text(
        PERSONA_ID, 36, 36, "uuid", help_text="Fixed in the agent's own tool; the model cannot choose it."
    )


class ToolCall(serializers.Serializer):
    """Fields that are not named here are ignored."""

    function_name = Name(tools.FUNCTIONS)
    parameters = Parameters()
    conversation_id = _id(255, help_text="ElevenLabs' id of the live conversation.")
    call = Text(required=False, allow_null=True, help_text="The reference of a phone call, as its agent was given it.")


class Citation(serializers.Serializer):
    document = serializers.CharField(help_text="The document's title.")
    document_id = serializers.UUIDField()
    passage_id = serializers.IntegerField()
    page = serializers.IntegerField(allow_null=True)
    heading = serializers.CharField(allow_blank=True)
    quote = serializers.CharField(help_text="The words the answer stands on.")
    start = serializers.IntegerField(help_text="Where the quote begins in the document's text, in characters.")
    end = serializers.IntegerField()


class Result(serializers.Serializer):
    content = serializers.CharField(help_text="To be said: no markdown, no addresses, cut at the end of a sentence.")
    citations = Citation(many=True, help_text="Of what was sent, in its order.")


class Error(serializers.Serializer):
    code = serializers.CharField(help_text="For programs; stays the same.")
    message = serializers.CharField(help_text="For people; may be worded anew.")


class Answer(serializers.Serializer):
    """``success`` is false when the documents could not be searched; ``content`` is then the persona's own line, to be said
    all the same."""

    result = Result()
    success = serializers.BooleanField()
    error = Error(allow_null=True)


class Refusal(serializers.Serializer):
    """What every machine hears that is turned away."""

    result = Plain({"nullable": True, "enum": [None]})
    success = Plain({"type": "boolean", "enum": [False]})
    error = Error()


class Ring(serializers.Serializer):
    """A phone rings. Fields that are not named here are ignored."""

    agent_id = _id(255)
    called_number = Text(NUMBER, 2, 32)
    call_sid = _id(lines.LONGEST_SID, help_text="The telephone provider's id; asked twice, the same answer.")
    caller_id = Text("", 0, 64, required=False, allow_null=True, help_text="Withheld numbers may be empty.")
    conversation_id = Text(
        f"^(?!{lines.PREFIX}){PRINTABLE}*$", 0, 255, required=False, allow_null=True, help_text="Newer integrations."
    )


class Introduction(serializers.Serializer):
    type = Plain({"type": "string", "enum": ["conversation_initiation_client_data"]})
    dynamic_variables = serializers.DictField(child=serializers.CharField(allow_blank=True))
    conversation_config_override = serializers.DictField()


class Report(serializers.Serializer):
    """A report as ElevenLabs sends it; any JSON object is kept as it is and read later."""

    type = Plain({}, required=False, help_text="post_call_transcription, post_call_audio, call_initiation_failure …")
    event_timestamp = Plain({}, required=False)
    data = Plain({}, required=False)


class Received(serializers.Serializer):
    received = Plain({"type": "boolean", "enum": [True]})


class Alive(serializers.Serializer):
    ok = Plain({"type": "boolean", "enum": [True]})


class Part(serializers.Serializer):
    ok = serializers.BooleanField()
    says = serializers.CharField()
    age_seconds = serializers.FloatField(required=False)


class Ready(serializers.Serializer):
    """``ready`` is false only when questions cannot be answered at all; parts that only degrade are named."""

    ready = serializers.BooleanField()
    parts = serializers.DictField(child=Part())
