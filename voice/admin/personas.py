"""A persona's page: its voice, and how its agent is in step."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.admin import PersonaAdmin as KnowingPersonaAdmin
from personas.admin import PersonaForm as KnowingPersonaForm
from personas.models import Persona
from voice import rehearsal, rollout, voices
from voice.admin import planning
from voice.admin.agents import drift_context, moment, state_badge
from voice.models import Agent
from voice.widgets import VoiceSelect


class PersonaForm(KnowingPersonaForm):
    """The persona form, with the account's real voices to choose from."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & {"stability", "similarity_boost", "speed"}:
            self.fields[name].widget.attrs |= _bounds(Persona._meta.get_field(name))
        known, problem = voices.listed()
        field = self.fields.get("voice_id")
        if field is None:
            return
        if problem:
            field.help_text = gettext(
                "The voices of your account cannot be listed now. {problem} You can paste a voice's id."
            ).format(problem=problem)
        else:
            field.widget = VoiceSelect(known, self["voice_id"].value())

    def clean_voice_id(self):
        chosen = self.cleaned_data["voice_id"]
        if chosen != self.initial.get("voice_id", "") and voices.is_missing(chosen):
            self.add_error(
                "voice_id", gettext("This voice is not in your ElevenLabs account. Add it there, or choose another.")
            )
        return chosen


def _bounds(field):
    """The smallest and the largest value that ElevenLabs takes, for the browser to say before the form is sent."""
    limits = {one.code: one.limit_value for one in field.validators if hasattr(one, "limit_value")}
    return {"min": limits["min_value"], "max": limits["max_value"]}


STANDING = {
    Agent.State.WAITING: _(
        "What was changed last is on its way to ElevenLabs: for a minute a call may still sound as before."
    ),
    Agent.State.OUT_OF_STEP: _(
        "The agent was changed by hand at ElevenLabs: a call sounds as it stands there, not as it says here."
    ),
    Agent.State.REFUSED: _("ElevenLabs refused the last change: a call sounds as it was before."),
    Agent.State.GONE: _("The agent was deleted at ElevenLabs and is being made again: a call may not begin."),
}


def talk(persona, user):
    """Whether this person can talk with the persona now, and in words what they would hear: {"offered", "words"}."""
    refusal = rollout.refusal(user, None, persona)
    if refusal == rollout.OFF:
        return {
            "offered": False,
            "words": _("Voice is switched off for you and this persona. The rollout says for whom it is on."),
        }
    if refusal:
        return {
            "offered": False,
            "words": _("The persona has no agent yet. Bring it in step first; typing works meanwhile."),
        }
    return {
        "offered": True,
        "words": STANDING.get(persona.agent.state, _("Its agent is in step: what you hear is what it says here.")),
    }


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
        (_("Agent at ElevenLabs"), {"fields": ["agent_badge", "agent_id", "agent_problem", "agent_synced"]}),
    ]

    change_form_template = "admin/voice/persona_change_form.html"

    class Media:
        css = {"all": ["admin/agents.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).defer("agent__baseline")

    def render_change_form(self, request, context, *args, obj=None, **kwargs):
        context |= drift_context(getattr(obj, "agent", None), request) | {"back": "persona"}
        if obj is not None:
            context["talk"] = talk(obj, request.user)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def has_sync_permission(self, request):
        return request.user.has_perm("voice.change_agent")

    def try_panels(self, persona, question, trial):
        """The same question by voice, and whether it is answered the same."""
        tried = rehearsal.rehearse(persona, question)
        panel = {"template": "admin/voice/_rehearsal.html", "voice": tried, "alike": tried.is_like(trial.answer)}
        return [*super().try_panels(persona, question, trial), panel]

    @admin.display(description=_("Agent"), ordering="agent__state")
    def agent_badge(self, persona):
        return state_badge(getattr(persona, "agent", None))

    @admin.display(description=_("Agent id"))
    def agent_id(self, persona):
        agent = getattr(persona, "agent", None)
        return agent.elevenlabs_agent_id if agent and agent.elevenlabs_agent_id else gettext("none yet")

    @admin.display(description=_("What stands in the way"))
    def agent_problem(self, persona):
        agent = getattr(persona, "agent", None)
        return format_html('<span class="problem">{}</span>', agent.problem) if agent and agent.problem else "nothing"

    @admin.display(description=_("Last in step"))
    def agent_synced(self, persona):
        agent = getattr(persona, "agent", None)
        return moment(agent.synced_at if agent else None)

    @admin.display(description=_("Page"))
    def chat_page(self, persona):
        return format_html('<a href="{}">Open</a>', reverse("voice:chat", args=[persona.slug]))

    def find_doubt(self, then):
        """An earlier state may name a voice that is gone."""
        if voices.is_missing(then.voice_id):
            return gettext(
                "The voice it had then is not in your ElevenLabs account any more. Add it there, then go back."
            )
        return super().find_doubt(then)

    @admin.action(description=_("Bring the agents in step: show the plan first"), permissions=["sync"])
    def sync(self, request, queryset):
        personas = list(queryset)
        return planning.ask(self, request, personas, personas)
