"""Who may talk: voice is offered where it is switched on for this visitor and the persona's agent exists.

``ENABLE_VOICE_CHAT`` and ``VOICE_CHAT_BETA_USERS`` say it until staff do in the admin (`voice.models.Flag`). Then a
persona's own row decides, else the general one; a row that is switched off ends all new calls it is about, the general
one every persona's.
"""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from voice.models import Agent, Flag

OFF = ("off", _("Voice is not switched on here. You can type your question."))
NOT_READY = ("no_agent", _("The voice is still being set up. You can type your question meanwhile."))


def refusal(user, visitor, persona):
    """None when this person may talk with this persona, else (code, sentence for the visitor).

    ``visitor`` is the id of the browser, or a caller's number under a key of ours.
    """
    if not is_on(user, visitor, persona):
        return OFF
    agent = Agent.objects.filter(persona=persona).first()
    return None if agent and agent.elevenlabs_agent_id else NOT_READY


def is_on(user, visitor, persona):
    """Whether voice is switched on for this person and this persona; the agent may be missing still."""
    flags = list(Flag.objects.about(persona))
    if any(flag.killed_at for flag in flags):
        return False
    if flags:
        return flags[-1].admits(user, visitor, persona)
    return settings.ENABLE_VOICE_CHAT or (user.is_authenticated and Flag.is_named(user))
