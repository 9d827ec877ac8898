"""A persona's page: its voice, and how its agent is in step."""

from django.contrib import admin, messages
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime

from knowledge.admin import PersonaAdmin as KnowingPersonaAdmin
from personas.admin import PersonaForm as KnowingPersonaForm
from personas.admin import badge
from personas.models import Persona
from voice import agents, rehearsal, tasks, voices
from voice.models import Agent
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
