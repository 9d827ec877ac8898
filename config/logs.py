"""What is written to the log, in which form, and what never is."""

from pythonjsonlogger.core import RESERVED_ATTRS


def of(form, level):
    """Django's LOGGING. ``form``: "line" or "json"."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"conversation": {"()": "knowledge.tracks.Conversation"}},
        "formatters": {
            "line": {"format": "{asctime} {levelname} {name}{about} {message}", "style": "{"},
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "{asctime}{levelname}{name}{conversation}{message}",
                "style": "{",
                "reserved_attrs": [*RESERVED_ATTRS, "about"],  # the other format's
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["conversation"]}},
        "root": {"handlers": ["console"], "level": level},
        # At DEBUG the HTTP libraries would print the ElevenLabs key, and OpenAI's client what people ask.
        "loggers": {
            name: {"level": "WARNING"}
            for name in ("httpx", "httpx2", "httpcore", "httpcore2", "urllib3", "elevenlabs", "openai")
        }
        # Its own words at every delivery that fails, with every span that is lost; voice.tracing says it once.
        | {"opentelemetry": {"level": "CRITICAL"}}
        # Not a line for every request that is turned away: whoever knocks a thousand times would fill the disk.
        | {name: {"level": "ERROR"} for name in ("django.request", "django.security.csrf")},
    }
