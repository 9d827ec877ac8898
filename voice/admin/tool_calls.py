"""Every question an agent asked us."""

from django.contrib import admin

from personas.admin import badge
from voice.admin.records import ReadOnly
from voice.models import ToolCall


@admin.register(ToolCall)
class ToolCallAdmin(ReadOnly):
    """Every question an agent asked us."""

    list_display = ["at", "persona", "question", "outcome_badge", "cached", "waited"]
    list_filter = ["outcome", "cached", "persona", "at"]
    search_fields = ["question", "session__elevenlabs_conversation_id"]
    list_select_related = ["persona"]
    date_hierarchy = "at"

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    @admin.display(description="Outcome", ordering="outcome")
    def outcome_badge(self, call):
        good = call.outcome == ToolCall.Outcome.ANSWERED
        quiet = call.outcome == ToolCall.Outcome.NOTHING
        return badge("good" if good else "quiet" if quiet else "bad", call.get_outcome_display())

    @admin.display(description="Waited (ms)")
    def waited(self, call):
        return call.milliseconds.get("total", "–")
