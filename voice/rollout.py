"""Who may talk: voice is offered where it is switched on for this visitor and the persona's agent exists."""

from django.conf import settings

from voice.models import Agent

OFF = ("off", "Voice is not switched on here. You can type your question.")
NOT_READY = ("no_agent", "The voice is still being set up. You can type your question meanwhile.")


def refusal(user, persona):
    """None when this visitor may talk with this persona, else (code, sentence for the visitor)."""
    if not _is_on(user):
        return OFF
    agent = Agent.objects.filter(persona=persona).first()
    return None if agent and agent.elevenlabs_agent_id else NOT_READY


def _is_on(user):
    return settings.ENABLE_VOICE_CHAT or (
        user.is_authenticated and user.get_username() in settings.VOICE_CHAT_BETA_USERS
    )
