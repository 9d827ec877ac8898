"""The stand-in's log: lines for reading, or one JSON object a line with the names that Clone Advisor's own logs have.

Never what was said, a secret or a signed address: who was called, how long it took, what came of it.
"""

import json
import logging
from contextvars import ContextVar

FORMATS = ("line", "json")
_conversation = ContextVar("conversation", default="")


def follow(conversation: str) -> None:
    """What this task and the tasks it starts log from now on is about this conversation."""
    _conversation.set(conversation)


def start(form: str, level: int) -> None:
    """Write to stderr from now on. ``form`` is one of FORMATS."""
    handler = logging.StreamHandler()
    handler.addFilter(_name_conversation)
    handler.setFormatter(Json() if form == "json" else logging.Formatter("%(message)s%(about)s"))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)


class Json(logging.Formatter):
    """One object a line: at, level, logger, conversation, message, and exc_info where something broke."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "conversation": record.conversation,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exc_info"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _name_conversation(record: logging.LogRecord) -> bool:
    record.conversation = _conversation.get()
    record.about = f" [{record.conversation}]" if record.conversation else ""
    return True
