"""Requests of which nobody heard the end: what they may have left on the other side is looked for when it has settled.

A worker can be killed, or put to sleep, between asking and hearing; an answer can be lost; a create can be carried out
after we stopped waiting for it. ElevenLabs has neither an idempotency key nor a conditional update. So before anything is
created the row says when to look again (``settle_at``), and only an answer takes that back. Then every agent and tool of
the persona but the row's own are deleted, and the newest definition is sent once more: an older one may have come in last.
"""

from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from personas.models import Persona
from voice import claims, gateway
from voice.models import Agent

SETTLES = timedelta(minutes=2)  # after that nothing of a request is still to come: we wait for 8 s, gateways for 60


def is_due(agent):
    """Whether it is time to look."""
    return agent.settle_at is not None and agent.settle_at <= timezone.now()


def due():
    """Of the rows to look after now, the condition."""
    return Q(settle_at__lte=timezone.now())


@contextmanager
def claimed(agent):
    """Hold the row, as it stands now. Whoever takes over a claim that was never given back looks later for what came of
    the last request of the worker before. Raises claims.Busy."""
    with claims.claimed(agent) as claim:
        agent.refresh_from_db()
        if claim.lapsed:
            claims.keep(agent, settle_at=timezone.now() + SETTLES)
        yield


def send(agent, call, *args):
    """A change on the other side, sent only while the row is ours. Raises claims.Lost and GatewayError."""
    claims.hold(agent)
    return call(*args)


@contextmanager
def creating(agent):
    """For the length of a create and the save of its id: unless both are done, or it was not carried out for certain, the
    row says when to look. Raises claims.Lost."""
    before, marked = agent.settle_at, timezone.now() + SETTLES
    claims.keep(agent, settle_at=marked)
    try:
        yield
    except gateway.Refused:
        _take_back(agent, marked, before)
        raise
    except gateway.Unreachable as fault:
        if fault.held:  # it was not even sent
            _take_back(agent, marked, before)
        raise
    _take_back(agent, marked, before)


def settled(agent, looked_at):
    """Everything was looked at; unless somebody noted a new doubt meanwhile."""
    _take_back(agent, looked_at, None)


def leave(agent):
    """For a worker that woke up after another had taken its row: what it sent may have come in last, so all is sent again.
    When the row is gone with its persona, it comes back for as long as it takes to delete what we may have made."""
    doubt = {"state": Agent.State.WAITING, "settle_at": timezone.now() + SETTLES}
    if not Agent.objects.filter(pk=agent.pk).update(fingerprint="", **doubt):
        persona = Persona.objects.filter(pk=agent.persona_key).first()
        Agent.objects.get_or_create(persona_key=agent.persona_key, defaults={"persona": persona, **doubt})


def _take_back(agent, marked, before):
    """Unless it was marked anew by somebody else."""
    if Agent.objects.filter(pk=agent.pk, settle_at=marked).update(settle_at=before):
        agent.settle_at = before
