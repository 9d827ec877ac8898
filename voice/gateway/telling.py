"""What was changed at ElevenLabs is told to whoever listens, which this room does not know."""

from functools import wraps

from django.dispatch import Signal

from voice.gateway.errors import GatewayError, Unreachable

wrote = Signal()  # sent with ``what``, ``subject``, an id or a name, and ``outcome``: done, refused or unknown


def tells(what):
    """For every question that is more than a look. A listener's fault is logged and is not the asker's."""

    def decorate(question):
        @wraps(question)
        def told(*given, **named):
            try:
                answer = question(*given, **named)
            except GatewayError as fault:
                if not getattr(fault, "held", False):  # held back: nothing was asked
                    outcome = "unknown" if isinstance(fault, Unreachable) else "refused"
                    wrote.send_robust(told, what=what, subject=_subject(given, ""), outcome=outcome)
                raise
            wrote.send_robust(told, what=what, subject=_subject(given, answer), outcome="done")
            return answer

        told.tells = what
        return told

    return decorate


def _subject(given, answer):
    """The id or name it was asked about, else the id that came back; never a value or a secret."""
    if given and isinstance(given[0], str):
        return given[0]
    return answer["id"] if isinstance(answer, dict) else answer
