"""What becomes of a change made by hand when staff adopt it: a persona's field, the new normal, or nothing."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from voice.agents import definitions, prompts
from voice.agents.differences import Difference

PROMPT = "conversation_config.agent.prompt.prompt"
FIELDS = {
    "name": "name",
    "conversation_config.agent.first_message": "first_message",
    "conversation_config.agent.language": "language",
    "conversation_config.tts.voice_id": "voice_id",
    "conversation_config.tts.stability": "stability",
    "conversation_config.tts.similarity_boost": "similarity_boost",
    "conversation_config.tts.speed": "speed",
    PROMPT: "instructions",
}
# Why what every agent of this installation needs cannot be adopted, by the beginning of its path.
REASONS = {
    "platform_settings.auth": _(
        "Only a signed address of ours may open a conversation. Otherwise anybody could call this agent at your cost."
    ),
    "platform_settings.overrides": _("The chat page sends exactly these; with others its calls would be closed."),
    "platform_settings.workspace_overrides": _("Reports of finished calls must reach this installation."),
    "conversation_config.turn.silence_end_call_timeout": _("VOICE_IDLE_SECONDS sets it for every agent."),
    "platform_settings.call_limits": _("VOICE_MAX_SESSIONS sets it for every agent."),
    "platform_settings.privacy.retention_days": _("ELEVENLABS_RETENTION_DAYS sets it for every agent."),
    "conversation_config.conversation.max_duration_seconds": _("VOICE_MAX_SECONDS sets it for every agent."),
    "conversation_config.agent.prompt.llm": _("ELEVENLABS_LLM sets it for every agent."),
    "conversation_config.agent.prompt.tool_ids": _(
        "Without its own tool the agent cannot look anything up, and without the commands "
        "visitors cannot tell it to repeat or to stop."
    ),
    "conversation_config.tts.model_id": _("It follows from the language."),
    "tags": _("By its tags the agent is known to be this persona's."),
}
OF_TOOLS = _("A tool is always sent whole, and it must ask this installation with its own token.")
OF_ALL = _("It is the same for all agents of this installation, and no persona has a field for it.")
OF_PROMPTS = _("More than the instructions at its beginning was changed. Write what you want to keep into the persona.")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A difference and what adopting does with it. ``field`` and ``value``: of the persona, where it becomes one."""

    difference: Difference
    becomes: str  # "persona", "normal", or "stays"
    why: str
    field: str = ""
    value: object = None

    @property
    def stays(self):
        return self.becomes == "stays"


def judge(persona, shared, difference):
    """The Verdict on one difference of this persona's agent or tool."""
    if difference.part == "tool":
        return Verdict(difference, "stays", OF_TOOLS)
    if difference.path in FIELDS:
        return _judge_field(persona, difference)
    if definitions.sets(persona, shared, difference.path):
        return Verdict(difference, "stays", _reason(difference.path))
    return Verdict(
        difference, "normal", gettext("No persona sets it. It is kept as it stands there, as the new normal.")
    )


def _judge_field(persona, difference):
    field = Persona._meta.get_field(FIELDS[difference.path])
    value = "" if difference.there is None else difference.there
    if difference.path == PROMPT:
        value = prompts.read_instructions(persona, value)
        if value is None:
            return Verdict(difference, "stays", OF_PROMPTS)
    try:
        value = field.clean(value, persona)
    except ValidationError as refusal:
        return Verdict(difference, "stays", " ".join(refusal.messages))
    return Verdict(
        difference,
        "persona",
        gettext("Is written to “{field}”.").format(field=capfirst(field.verbose_name)),
        field.name,
        value,
    )


def _reason(path):
    return next((why for begins, why in REASONS.items() if path.startswith(begins)), OF_ALL)
