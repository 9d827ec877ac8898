"""Whoever of staff opens what visitors said, or takes it away as a file, is written down, each time."""

from knowledge.models import Gap
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
        door = DOORS.get(match.view_name) if match else None  # by whatever method: a page may answer each
        if door is not None and response.status_code == 200 and (found := door(request, **match.kwargs)):
            audit.write(**found)
        if match and _changed_own_password(match, request, response):
            audit.write(What.PASSWORD_CHANGED)
        return response


def _changed_own_password(match, request, response):
    """Django has no news of it; its page leads on only when it is done."""
    asked = match.view_name == "admin:password_change" and request.method == "POST"
    return asked and response.status_code == 302 and request.user.is_authenticated


def _conversation(request, object_id):
    """Named as the row is, however the address spells it."""
    row = Conversation.objects.filter(pk=object_id).values_list("pk", "persona_id").first()
    return {"what": What.TRANSCRIPT_READ, "persona": row[1], "conversation": row[0]} if row else None


def _recording(request, pk):
    call, persona = Session.objects.values_list("elevenlabs_conversation_id", "conversation__persona_id").get(pk=pk)
    return {"what": What.RECORDING_HEARD, "persona": persona, "conversation": call}


def _delivery(request, object_id):
    pk, subject = Delivery.objects.filter(pk=object_id).values_list("pk", "subject").first() or (object_id, "")
    return {"what": What.DELIVERY_READ, "about": pk, "conversation": subject}


def _tool_call(request, object_id):
    told = "pk", "persona_id", "session__elevenlabs_conversation_id"
    pk, persona, call = ToolCall.objects.filter(pk=object_id).values_list(*told).first() or (object_id, None, "")
    return {"what": What.QUESTION_READ, "persona": persona, "conversation": call or "", "about": pk}


def _gap(request, object_id):
    pk, persona = Gap.objects.filter(pk=object_id).values_list("pk", "persona_id").first() or (object_id, None)
    return {"what": What.QUESTION_READ, "persona": persona, "about": f"unanswered question {pk}"}


def _list(name):
    return lambda request: {"what": What.QUESTION_READ, "about": name}


def _csv(name):
    return lambda request: {"what": What.FILE_TAKEN, "about": name} if request.GET.get("format") == "csv" else None


def _of_persona(name):
    return lambda request, object_id: {"what": What.FILE_TAKEN, "persona": object_id, "about": name}


DOORS = {
    "admin:voice_conversation_change": _conversation,
    "admin:voice_conversation_recording": _recording,
    "admin:voice_delivery_change": _delivery,
    "admin:voice_toolcall_change": _tool_call,
    "admin:voice_toolcall_delete": _tool_call,
    "admin:voice_toolcall_changelist": _list("list"),
    "admin:knowledge_gap_change": _gap,
    "admin:knowledge_gap_fill": _gap,
    "admin:knowledge_gap_delete": _gap,
    "admin:knowledge_gap_changelist": _list("unanswered questions"),
    "admin:voice_deed_csv": lambda request: {"what": What.FILE_TAKEN, "about": "audit log"},
    "admin:knowledge_export_persona": _of_persona("persona"),
    "admin:knowledge_golden_export": _of_persona("golden questions"),
    "voice:figures": _csv("figures"),
    "voice:usage": _csv("usage"),
}
