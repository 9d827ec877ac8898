"""Who did what, written down: one function.

A row is part of its caller's transaction, so that what is undone leaves none. One that cannot be written does not stop what
was done; it goes to the log instead, with all it says, as an error. Never called in a tool call or a call's start for
visitors: a diary must not keep anybody waiting.
"""

import ipaddress
import logging
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import DatabaseError, transaction
from django.dispatch import receiver

from personas import causes
from personas.models import Persona
from voice import gateway, origins
from voice.models import Deed

logger = logging.getLogger(__name__)
NEIGHBOURHOOD = {4: 24, 6: 48}  # bits of an address that are kept
_persona = ContextVar("persona", default=None)


def write(what, *, persona=None, about="", conversation="", outcome=Deed.Outcome.DONE, by=None, request=None):
    """Add a row. ``persona`` is one or its id, ``about`` names the thing, ``by`` is a personas.causes.Cause and the
    present one when not given. No question, token or secret may be among it."""
    by = by or causes.cause()
    deed = Deed(
        by=by.kind,
        user_id=by.user_id,
        name=by.name[:150],
        what=what,
        persona_id=getattr(persona, "pk", persona) or _persona.get(),
        about=str(about or (persona if isinstance(persona, Persona) else ""))[:200],
        conversation=str(conversation)[:255],
        address=_neighbourhood(request or causes.request_now()),
        outcome=outcome,
    )
    try:
        with transaction.atomic():
            deed.save()
    except DatabaseError as fault:
        said = ", ".join(str(getattr(deed, name)) for name in ("name", "by", "what", "persona_id", "about", "outcome"))
        logger.error("not in the audit log, since the database says no (%s): %s", type(fault).__name__, said)


@contextmanager
def concerning(persona_id):
    """What is written inside this is about that persona, unless it says of which."""
    before = _persona.set(persona_id)
    try:
        yield
    finally:
        _persona.reset(before)


@receiver(gateway.wrote)
def _changed_there(what, subject, outcome, **_):
    """Every question of the gateway that changes something at ElevenLabs says so."""
    about_a_call = what == Deed.What.RATING_SENT
    write(what, about="" if about_a_call else subject, conversation=subject if about_a_call else "", outcome=outcome)


def _neighbourhood(request):
    """Where a request comes from, so far that it names no single connection; "" where nothing is known."""
    where = origins.network(request) if request is not None else ""
    if not where:
        return ""
    network = ipaddress.ip_network(where)
    return str(network.supernet(new_prefix=NEIGHBOURHOOD[network.version]))
