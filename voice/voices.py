"""The voices of the ElevenLabs account, as staff choose from them."""

from contextlib import suppress

from django.core.cache import cache
from redis.exceptions import RedisError

from voice import gateway

KEPT_SECONDS = 300


def listed():
    """(voices, problem): the account's voices, asked for at most every five minutes."""
    try:
        known = cache.get("voices")
    except RedisError:
        known = None
    if known is not None:
        return known, ""
    try:
        known = gateway.voices()
    except gateway.GatewayError as fault:
        return [], str(fault)
    with suppress(RedisError):  # without Redis the list is asked for every time
        cache.set("voices", known, KEPT_SECONDS)
    return known, ""


def is_missing(voice_id):
    """Whether a voice is known not to be in the account: no empty one is, and none while the list cannot be had."""
    known, problem = listed() if voice_id else ([], "")
    return bool(voice_id) and not problem and voice_id not in {voice.voice_id for voice in known}
