"""Every question an agent asked us."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.admin import Nameless, Narrowed, badge
from voice import timelines
from voice.admin.records import ReadOnly
from voice.models import ToolCall


@admin.register(ToolCall)
class ToolCallAdmin(Nameless, Narrowed, ReadOnly):
    """Every question an agent asked us."""

    change_form_template = "admin/voice/toolcall_change_form.html"
    list_display = ["at", "persona", "question", "outcome_badge", "cached", "waited"]
    list_filter = ["outcome", "cached", "persona", "at"]
    linked = {
        "session__conversation__kind__exact",
        "session__conversation__elsewhere__exact",
        "session__channel__exact",
    }
    search_fields = ["question", "session__elevenlabs_conversation_id"]
    list_select_related = ["persona"]
    date_hierarchy = "at"
    ordering = ["-at", "-id"]
    fields = ["persona", "conversation", "at"]
    readonly_fields = fields

    class Media:
        css = {"all": ["admin/clone-advisor.css", "admin/timeline.css"]}

    def change_view(self, request, object_id, form_url="", extra_context=None):
        call = self.get_object(request, object_id)
        if call is not None:
            extra_context = {**(extra_context or {}), "step": timelines.look_up(call)}
        return super().change_view(request, object_id, form_url, extra_context)

    @admin.display(description=_("Conversation"))
    def conversation(self, call):
        if call.session is None:
            return gettext("none of ours")
        address = reverse("admin:voice_conversation_change", args=[call.session.conversation_id])
        return format_html('<a href="{}">{}</a>', address, call.session.elevenlabs_conversation_id)

    @admin.display(description=_("Outcome"), ordering="outcome")
    def outcome_badge(self, call):
        good = call.outcome == ToolCall.Outcome.ANSWERED
        quiet = call.outcome == ToolCall.Outcome.NOTHING
        return badge("good" if good else "quiet" if quiet else "bad", call.get_outcome_display())

    @admin.display(description=_("Waited (ms)"))
    def waited(self, call):
        return call.milliseconds.get("total", "–")
