"""Which conversation a thread is at work for, so that every line of the log says it.

The name is ElevenLabs' id of a call, or of a thread's own where there is no call. It names nobody.
"""

import logging
from contextvars import ContextVar

_conversation = ContextVar("conversation", default="")


def follow(conversation):
    """What is logged on this thread, and on those it starts with its context, is about this conversation from now on; an
    empty word ends that."""
    _conversation.set(str(conversation))


def followed():
    """The conversation this thread is at work for; an empty word for none."""
    return _conversation.get()


class Conversation(logging.Filter):
    """Writes ``conversation`` and ``about`` (the same in brackets, or nothing) into every record."""

    def filter(self, record):
        record.conversation = _conversation.get()
        record.about = f" [{record.conversation}]" if record.conversation else ""
        return True
