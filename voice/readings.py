"""Whoever of staff opens what visitors said, or takes it away as a file, is written down, each time."""

from voice import audit
from voice.models import Conversation, Deed, Delivery, Session, ToolCall

What = Deed.What


class Readings:
    """The middleware. What was not shown, for whatever reason, was not read."""

    def __init__(self, get_response):
        self._get_response = get_response

    def __call__(self, request):
        response = self._get_response(request)
        match = request.resolver_match
        door = DOORS.get(match.view_name) if match and request.method == "GET" else None
        if door is not None and response.status_code == 200 and (found := door(request, **match.kwargs)):
            audit.write(**found)
        return response


def _conversation(request, object_id):
    persona = Conversation.objects.filter(pk=object_id).values_list("persona_id", flat=True).first()
    return {"what": What.TRANSCRIPT_READ, "persona": persona, "conversation": object_id}


def _recording(request, pk):
    call, persona = Session.objects.values_list("elevenlabs_conversation_id", "conversation__persona_id").get(pk=pk)
    return {"what": What.RECORDING_HEARD, "persona": persona, "conversation": call}


def _delivery(request, object_id):
    subject = Delivery.objects.filter(pk=object_id).values_list("subject", flat=True).first()
    return {"what": What.DELIVERY_READ, "about": object_id, "conversation": subject or ""}


def _tool_call(request, object_id):
    row = ToolCall.objects.filter(pk=object_id).values_list("persona_id", "session__elevenlabs_conversation_id").first()
    persona, call = row or (None, "")
    return {"what": What.QUESTION_READ, "persona": persona, "conversation": call or "", "about": object_id}


def _tool_calls(request):
    return {"what": What.QUESTION_READ, "about": "list"}


def _csv(name):
    return lambda request: {"what": What.FILE_TAKEN, "about": name} if request.GET.get("format") == "csv" else None


def _of_persona(name):
    return lambda request, object_id: {"what": What.FILE_TAKEN, "persona": object_id, "about": name}


DOORS = {
    "admin:voice_conversation_change": _conversation,
    "admin:voice_conversation_recording": _recording,
    "admin:voice_delivery_change": _delivery,
    "admin:voice_toolcall_change": _tool_call,
    "admin:voice_toolcall_changelist": _tool_calls,
    "admin:voice_deed_csv": lambda request: {"what": What.FILE_TAKEN, "about": "audit log"},
    "admin:knowledge_export_persona": _of_persona("persona"),
    "admin:knowledge_golden_export": _of_persona("golden questions"),
    "voice:figures": _csv("figures"),
    "voice:usage": _csv("usage"),
}
