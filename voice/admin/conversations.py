"""Every thread as one timeline: what was said, looked up, cut short, reported and delivered."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from personas import remits
from personas.admin import Narrowed
from voice import presentation, timelines
from voice.admin.records import ReadOnly
from voice.models import Conversation, Session


@admin.register(Conversation)
class ConversationAdmin(Narrowed, ReadOnly):
    """Every thread, with everything that was said, looked up and reported, in order."""

    change_form_template = "admin/voice/conversation_change_form.html"
    list_display = ["started_at", "persona", "kind", "turn_count", "call_count", "last_turn_at", "rating"]
    list_filter = ["persona", "kind", "rating", "elsewhere", "started_at"]
    linked = {
        "turns__channel__exact", "sessions__language__exact", "sessions__channel__exact", "sessions__end_reason__exact", "sessions__failure__exact",
        "sessions__failure__startswith", "sessions__termination_reason__startswith", "sessions__started_at__gte",
        "sessions__started_at__lt", "sessions__tool_calls__outcome__exact", "sessions__tool_calls__reason__exact",
        "sessions__tool_calls__reason__startswith", "sessions__tool_calls__at__gte", "sessions__tool_calls__at__lt",
        "attempts__milliseconds__has_key", "attempts__answers__0__isnull", "attempts__outcome__exact",
        "attempts__detail__exact", "attempts__detail__startswith", "attempts__at__gte", "attempts__at__lt", "sessions__termination_reason__exact",
    }  # fmt: skip
    search_fields = ["turns__text", "sessions__elevenlabs_conversation_id", "id"]
    date_hierarchy = "started_at"
    list_select_related = ["persona"]
    fields = ["persona", "started_at", "last_turn_at", "user", "comment"]
    readonly_fields = fields

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/timeline.css"]}

    def get_urls(self):
        door = self.admin_site.admin_view(self._play)
        return [path("recordings/<int:pk>/", door, name="voice_conversation_recording"), *super().get_urls()]

    @method_decorator(require_safe)
    def _play(self, request, pk):
        """The sound of a call, where reports carry it."""
        session = get_object_or_404(
            remits.narrow(Session.objects.exclude(recording=""), request.user, "conversation__persona"), pk=pk
        )
        if not self.has_view_permission(request, session.conversation):
            raise PermissionDenied
        return FileResponse(session.recording.open("rb"), as_attachment=False)

    def get_queryset(self, request):
        counted = {"turn_count": Count("turns", distinct=True), "call_count": Count("sessions", distinct=True)}
        return super().get_queryset(request).annotate(**counted, newest=Max("turns__at"))

    @admin.display(description=_("Turns"), ordering="turn_count")
    def turn_count(self, conversation):
        return conversation.turn_count

    @admin.display(description=_("Calls"), ordering="call_count")
    def call_count(self, conversation):
        return conversation.call_count

    def change_view(self, request, object_id, form_url="", extra_context=None):
        conversation = self.get_object(request, object_id)
        if conversation is not None:
            extra_context = {**(extra_context or {}), "timeline": _read(conversation)}
        return super().change_view(request, object_id, form_url, extra_context)


def _read(conversation):
    """The timeline, with the address of every quote in its document."""
    timeline = timelines.read(conversation)
    for step in timeline.steps:
        if step.kind in ("turn", "lookup"):
            step.cited = presentation.citations(step.row.citations, conversation.persona)
    return timeline
