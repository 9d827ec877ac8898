"""Conversations: the address that opens one, and what was said in it."""

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from voice.gateway.asking import PAGE, Refused, ask, elevenlabs, pages
from voice.gateway.telling import tells


def signed_url(agent_id):
    """(address, conversation id). The address opens one conversation within 15 minutes.

    Somebody is waiting at a page: one try, of three seconds at most, and no waiting behind our own background work.
    """
    get = elevenlabs().conversational_ai.conversations.get_signed_url
    seconds = min(settings.ELEVENLABS_START_SECONDS, settings.ELEVENLABS_TIMEOUT_SECONDS)
    url = ask(get, seconds=seconds, braked=False, agent_id=agent_id, include_conversation_id=True)["signed_url"]
    conversation_id = parse_qs(urlsplit(url).query).get("conversation_id", [""])[0]
    if not conversation_id:
        raise Refused(
            _("ElevenLabs gave an address without a conversation id, so its tool calls could not be told apart.")
        )
    return url, conversation_id


def conversation(conversation_id, **how):
    """The record of a conversation, whole: the same shape as a post-call report's ``data``. ``how``: seconds, braked."""
    return ask(elevenlabs().conversational_ai.conversations.get, conversation_id, **how)


@tells("rating_sent")
def rate(conversation_id, stars, comment):
    """Put a visitor's stars (1 to 5) and comment on a conversation. The official browser client posts the same body; the
    SDK's method types only likes."""
    given = {"rating": stars, **({"comment": comment} if comment else {})}
    ask(elevenlabs().conversational_ai.conversations.feedback.create, conversation_id, also=given)


def conversations_since(agent_id, since):
    """An agent's conversations that began at or after ``since`` (Unix seconds), oldest first, a page at a time:
    [{"conversation_id", "start_time_unix_secs", "status", …}]."""
    return _since(since, agent_id=agent_id)


def all_conversations_since(since):
    """The same of every agent in the account, also of those that are none of ours."""
    return _since(since)


def _since(since, **whose):
    chosen = {"call_start_after_unix": since, "sort_direction": "asc", "summary_mode": "exclude", **whose}
    return pages(elevenlabs().conversational_ai.conversations.list, "conversations", page_size=PAGE, **chosen)
