"""Every thread, with everything that was said, looked up and reported, in order."""

from django.contrib import admin
from django.db.models import Count, Max
from django.utils.html import format_html, format_html_join

from voice.admin.records import ReadOnly
from voice.models import Conversation, ToolCall


@admin.register(Conversation)
class ConversationAdmin(ReadOnly):
    """Every thread, with everything that was said, looked up and reported, in order."""

    list_display = ["started_at", "persona", "turn_count", "call_count", "last_turn_at", "rating"]
    list_filter = ["persona", "rating", "started_at"]
    search_fields = ["turns__text", "sessions__elevenlabs_conversation_id", "id"]
    date_hierarchy = "started_at"
    list_select_related = ["persona"]
    fields = ["persona", "started_at", "last_turn_at", "user", "rating", "comment", "calls", "timeline"]
    readonly_fields = fields

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    def get_queryset(self, request):
        counted = {"turn_count": Count("turns", distinct=True), "call_count": Count("sessions", distinct=True)}
        return super().get_queryset(request).annotate(**counted, newest=Max("turns__at"))

    @admin.display(description="Turns", ordering="turn_count")
    def turn_count(self, conversation):
        return conversation.turn_count

    @admin.display(description="Calls", ordering="call_count")
    def call_count(self, conversation):
        return conversation.call_count

    @admin.display(description="Calls")
    def calls(self, conversation):
        rows = [
            (
                session.elevenlabs_conversation_id,
                session.duration_secs if session.duration_secs is not None else "–",
                session.cost_credits if session.cost_credits is not None else "–",
                session.call_successful or "not reported yet",
                session.termination_reason or session.end_reason or "–",
            )
            for session in conversation.sessions.all()
        ]
        return format_html_join("", "<p>{}: {} s, {} credits, {}, ended: {}</p>", rows) if rows else "typed only"

    @admin.display(description="Timeline")
    def timeline(self, conversation):
        calls = ToolCall.objects.filter(session__conversation=conversation)
        steps = [(turn.at, *_told(turn)) for turn in conversation.turns.all()]
        steps += [(call.at, *_looked_up(call)) for call in calls]
        rows = [(f"{at:%H:%M:%S}", who, what) for at, who, what in sorted(steps, key=lambda step: step[0])]
        items = format_html_join("", '<li><span class="when">{} · {}</span><br>{}</li>', rows)
        return format_html('<ul class="timeline">{}</ul>', items)


def _place(citation):
    return f"{citation['document']}, page {citation['page']}" if citation["page"] else citation["document"]


def _told(turn):
    cited = "; ".join(dict.fromkeys(_place(citation) for citation in turn.citations))
    cut = f" [cut short; would have been: {turn.full_text}]" if turn.interrupted else ""
    return f"{turn.get_speaker_display()}, {turn.get_channel_display().lower()}", turn.text + cut + (
        f" ({cited})" if cited else ""
    )


def _looked_up(call):
    stages = ", ".join(f"{stage} {value} ms" for stage, value in call.milliseconds.items())
    return f"looked up: {call.get_outcome_display().lower()}", f"{call.question} → {call.content} ({stages})"
