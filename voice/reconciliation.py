"""Calls whose report never came: found, fetched, and read on the same path as one that was sent. And what is left open is
closed, with the reason that ElevenLabs knows.

Every run is bounded and the next one goes on; two at once do no harm, since each call and each agent is taken by a
conditional update before ElevenLabs is asked, and what was fetched is kept once.
"""

import json
import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from voice import conversations, endings, gateway, payloads
from voice.models import Agent, Delivery, Forgotten, Session
from voice.reports import BEGUN_ELSEWHERE_AFTER, TRANSCRIPT

logger = logging.getLogger(__name__)
MOST_REQUESTS = 100  # of one run: with RECONCILE_MINUTES=5, 1,200 calls an hour
QUIET = timedelta(minutes=3)  # a report comes seconds to minutes after the end of its call
SOONEST, LATEST = timedelta(minutes=2), timedelta(days=1)  # between two questions about one call, or one agent
FIRST_SEARCH = timedelta(days=1)  # how far back an agent's calls are looked through the first time
UNNAMED = timedelta(hours=1)  # after the longest a call may last
OVER = ("done", "failed")
Origin = Delivery.Origin


class _Spent(Exception):
    """This run has asked enough."""


class _Budget:
    """The requests that one run may make."""

    def __init__(self, requests):
        self.left = requests

    def spend(self):
        if not self.left:
            raise _Spent
        self.left -= 1


def run(requests=None):
    """Ask about calls of ours without a report, then look for calls of our agents that we do not know.

    Ends early, and without a fault, when ElevenLabs does not answer or wants us to wait.
    """
    budget = _Budget(MOST_REQUESTS if requests is None else requests)
    _close_unnamed()
    try:
        for session in Session.objects.unreported(QUIET, _kept_since())[: budget.left]:
            _ask(session, budget)
        owners = Agent.objects.exclude(elevenlabs_agent_id="").filter(persona__isnull=False)
        for agent in owners.order_by(F("searched_at").asc(nulls_first=True), "pk"):
            _search(agent, budget)
    except _Spent:
        logger.info("reconciliation goes on with the next run")
    except gateway.Unreachable as fault:
        logger.warning("reconciliation gives way: %s", fault)


def _close_unnamed():
    """Places held for calls that nobody ever named. Should a report still name one, it knows better."""
    over = timezone.now() - settings.VOICE_SESSION_MAX_AGE - UNNAMED
    rows = Session.objects.filter(elevenlabs_conversation_id__contains=":", ended_at=None, started_at__lt=over)
    rows.update(ended_at=F("seen_at"), end_reason=gettext_noop("never connected"))


def read(delivery):
    """Read a kept delivery: from its own bytes, or, when its signature was too old to be believed, from what ElevenLabs
    says of the conversation it names."""
    if delivery.origin == Origin.STALE:
        _read_stale(delivery)
    else:
        conversations.record(delivery)


def _read_stale(delivery):
    rows = Delivery.objects.filter(pk=delivery.pk)
    problem = ""
    try:
        if delivery.subject and not _is_reported(delivery.subject):
            data = gateway.conversation(delivery.subject)
            if data.get("status") not in OVER:
                rows.update(attempts=F("attempts") + 1, problem="The call is not over, or still being analysed.")
                return
            _take(data)
    except gateway.Unreachable as fault:
        rows.update(attempts=F("attempts") + 1, problem=str(fault))
        return
    except gateway.Refused as fault:
        problem = str(fault)
    rows.update(read_at=timezone.now(), problem=problem)


def _is_reported(conversation_id):
    return Session.objects.filter(elevenlabs_conversation_id=conversation_id).exclude(reported_at=None).exists()


def _kept_since():
    """Older calls are not asked for: by our own setting, ElevenLabs has forgotten them."""
    days = settings.ELEVENLABS_RETENTION_DAYS
    return timezone.now() - timedelta(days=days if days >= 0 else 3650)


def _ask(session, budget):
    """About one call of ours. While ElevenLabs is still at it, it is asked again, ever later."""
    budget.spend()
    now = timezone.now()
    waited = now - (session.ended_at or session.seen_at)
    rows = Session.objects.filter(pk=session.pk)
    if not rows.filter(ask_at=session.ask_at).update(ask_at=now + min(max(waited / 2, SOONEST), LATEST)):
        return  # another worker has just taken it
    try:
        data = gateway.conversation(session.elevenlabs_conversation_id)
    except gateway.Gone:
        endings.note_gone(session)
    except gateway.Unreachable:
        rows.update(ask_at=now + SOONEST)
        raise
    except gateway.Refused as refusal:
        logger.warning("the report of %s cannot be fetched: %s", session, refusal)
    else:
        if data.get("status") in OVER:
            _take(data)


def _take(data):
    """Keep a fetched record as if it had been sent, and read it. It is named by the end of its call, so that the same
    record fetched twice is one delivery, and a report that was sent is the newer one."""
    event = {"type": TRANSCRIPT, "event_timestamp": payloads.ended_at(data), "data": data}
    delivery, _ = conversations.keep(json.dumps(event, sort_keys=True).encode(), Origin.FETCHED)
    try:
        conversations.record(delivery)
    except Exception:  # noted on the delivery, for staff and the next sweep; the other calls must not wait for it
        logger.exception("the fetched report of %s cannot be read", delivery.subject)


def _search(agent, budget):
    """An agent's calls since the last search, those that were not begun on a page of ours among them: tests by staff at
    ElevenLabs, for example. Only what is old enough to be known if it were ours."""
    now = timezone.now()
    free = Q(searched_at=None) | Q(searched_at__lte=now - SOONEST)
    if not Agent.objects.filter(free, pk=agent.pk).update(searched_at=now):
        return  # another worker is at it, or was just now
    until = now - BEGUN_ELSEWHERE_AFTER
    reached = agent.searched_to or now - FIRST_SEARCH
    held = None  # the oldest call that is not over: the next search begins there
    budget.spend()
    try:
        for number, row in enumerate(
            gateway.conversations_since(agent.elevenlabs_agent_id, int(reached.timestamp()) - 1)
        ):
            began = datetime.fromtimestamp(row.get("start_time_unix_secs") or 0, UTC)
            if began > until:
                break
            if number and number % gateway.PAGE == 0:
                budget.spend()
            if not _is_known(row["conversation_id"]):
                if row.get("status") in OVER:
                    budget.spend()
                    _take_unknown(row["conversation_id"])
                elif began > now - LATEST:
                    held = held or began
            reached = began
        else:
            reached = until
    except gateway.Refused as refusal:
        logger.warning("the calls of %s cannot be listed: %s", agent.elevenlabs_agent_id, refusal)
    finally:
        Agent.objects.filter(pk=agent.pk).update(searched_to=min(reached, held or reached))


def _take_unknown(conversation_id):
    try:
        data = gateway.conversation(conversation_id)
    except gateway.Gone:
        return  # deleted between the list and the question
    _take(data)


def _is_known(conversation_id):
    """Ours, deleted here, or fetched before and waiting to be read."""
    return (
        Session.objects.filter(elevenlabs_conversation_id=conversation_id).exists()
        or Forgotten.objects.filter(elevenlabs_conversation_id=conversation_id).exists()
        or Delivery.objects.filter(subject=conversation_id, kind=TRANSCRIPT, origin=Origin.FETCHED).exists()
    )
