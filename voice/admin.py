"""What staff see of talk: agents and how they are in step, conversations as one timeline, deliveries."""

from django.contrib import admin, messages
from django.db.models import Count, Max
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime

from knowledge.admin import PersonaAdmin as KnowingPersonaAdmin
from personas.admin import PersonaForm as KnowingPersonaForm
from personas.admin import badge
from personas.models import Persona
from voice import agents, rehearsal, tasks, voices
from voice.models import Agent, Conversation, Delivery, ToolCall
from voice.widgets import VoiceSelect

BADGES = {
    Agent.State.IN_STEP: "good",
    Agent.State.WAITING: "busy",
    Agent.State.NEVER: "quiet",
    Agent.State.OUT_OF_STEP: "busy",
    Agent.State.REFUSED: "bad",
    Agent.State.GONE: "bad",
}


class PersonaForm(KnowingPersonaForm):
    """The persona form, with the account's real voices to choose from."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known, problem = voices.listed()
        field = self.fields.get("voice_id")
        if field is None:
            return
        if problem:
            field.help_text = f"The voices of your account cannot be listed now. {problem} You can paste a voice's id."
        else:
            field.widget = VoiceSelect(known, self["voice_id"].value())

    def clean_voice_id(self):
        chosen = self.cleaned_data["voice_id"]
        if chosen != self.initial.get("voice_id", "") and voices.is_missing(chosen):
            self.add_error("voice_id", "This voice is not in your ElevenLabs account. Add it there, or choose another.")
        return chosen


admin.site.unregister(Persona)


@admin.register(Persona)
class PersonaAdmin(KnowingPersonaAdmin):
    """Personas with their documents and their agent."""

    form = PersonaForm
    list_display = [*KnowingPersonaAdmin.list_display, "agent_badge", "chat_page"]
    list_filter = [*KnowingPersonaAdmin.list_filter, "agent__state"]
    list_select_related = ["agent"]
    actions = [*KnowingPersonaAdmin.actions, "sync"]
    readonly_fields = [*KnowingPersonaAdmin.readonly_fields, "agent_badge", "agent_id", "agent_problem", "agent_synced"]
    fieldsets = [
        *KnowingPersonaAdmin.fieldsets,
        ("Agent at ElevenLabs", {"fields": ["agent_badge", "agent_id", "agent_problem", "agent_synced"]}),
    ]

    def try_panels(self, persona, question, trial):
        """The same question by voice, and whether it is answered the same."""
        tried = rehearsal.rehearse(persona, question)
        panel = {"template": "admin/voice/_rehearsal.html", "voice": tried, "alike": tried.is_like(trial.answer)}
        return [*super().try_panels(persona, question, trial), panel]

    @admin.display(description="Agent", ordering="agent__state")
    def agent_badge(self, persona):
        agent = getattr(persona, "agent", None)
        state = Agent.State(agent.state) if agent else Agent.State.NEVER
        return badge(BADGES[state], state.label)

    @admin.display(description="Agent id")
    def agent_id(self, persona):
        agent = getattr(persona, "agent", None)
        return agent.elevenlabs_agent_id if agent and agent.elevenlabs_agent_id else "none yet"

    @admin.display(description="What stands in the way")
    def agent_problem(self, persona):
        agent = getattr(persona, "agent", None)
        return format_html('<span class="problem">{}</span>', agent.problem) if agent and agent.problem else "nothing"

    @admin.display(description="Last in step")
    def agent_synced(self, persona):
        agent = getattr(persona, "agent", None)
        return date_format(localtime(agent.synced_at), "j M Y, H:i") if agent and agent.synced_at else "never"

    @admin.display(description="Page")
    def chat_page(self, persona):
        return format_html('<a href="{}">Open</a>', reverse("voice:chat", args=[persona.slug]))

    def find_doubt(self, then):
        """An earlier state may name a voice that is gone."""
        if voices.is_missing(then.voice_id):
            return "The voice it had then is not in your ElevenLabs account any more. Add it there, then go back."
        return super().find_doubt(then)

    @admin.action(description="Bring the agents in step now", permissions=["change"])
    def sync(self, request, queryset):
        for persona in queryset:
            tasks.start(tasks.sync_agent, agents.note(persona).pk)
            self.log_change(request, persona, "Asked for a sync with ElevenLabs.")
        self.message_user(
            request, f"{len(queryset)} on their way to ElevenLabs. Reload in a few seconds.", messages.SUCCESS
        )


class ReadOnly(admin.ModelAdmin):
    """Records: looked at, never written by hand."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False


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


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    """Webhook bodies as they arrived."""

    list_display = ["received_at", "kind", "subject", "state", "attempts"]
    list_filter = ["kind", "received_at"]
    search_fields = ["subject"]
    actions = ["read_again"]

    class Media:
        css = {"all": ["admin/clone-advisor.css"]}

    @admin.display(description="State")
    def state(self, delivery):
        if delivery.read_at:
            return badge("good", "Read")
        return badge("bad", delivery.problem[:80]) if delivery.problem else badge("busy", "Waiting")

    @admin.action(description="Read again", permissions=["view"])
    def read_again(self, request, queryset):
        queryset.update(read_at=None, attempts=0)
        for delivery in queryset:
            tasks.start(tasks.read_delivery, delivery.pk)
        self.message_user(request, f"{len(queryset)} are being read again.", messages.SUCCESS)


admin.site.site_header = "Clone Advisor"
admin.site.site_title = "Clone Advisor"
admin.site.index_title = "Personas, knowledge and conversations"
