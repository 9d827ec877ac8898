"""The account's phone numbers, and the persona behind each: kept in step with ElevenLabs."""

import logging
from contextlib import suppress

from django.core.cache import cache
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from redis.exceptions import RedisError

from personas.models import Persona
from voice import agents, audit, gateway
from voice.agents import definitions
from voice.claims import Busy, claimed
from voice.models import Agent, PhoneNumber

logger = logging.getLogger(__name__)
State = PhoneNumber.State
LOOKED_SECONDS = 60
OTHER_AGENT = gettext_lazy(
    "At ElevenLabs it was given to another agent. Assign it again, or choose no persona for it here."
)


def look():
    """Read the account's numbers, at most once a minute when there are any: whoever has none is about to import one.
    Gives what stood in the way, in words, or "".
    """
    try:
        if PhoneNumber.objects.exists() and not cache.add("phone-numbers-read", True, LOOKED_SECONDS):
            return ""
    except RedisError:
        pass  # without Redis the list is asked for every time
    try:
        refresh()
    except gateway.GatewayError as fault:
        with suppress(RedisError):
            cache.delete("phone-numbers-read")
        return str(fault)
    return ""


def refresh():
    """Read the account's numbers: new ones are kept, those that vanished are said to be gone. Raises GatewayError."""
    asked_at, called = timezone.now(), _called()
    there = {number.number_id: number for number in gateway.phone_numbers()}
    PhoneNumber.objects.exclude(elevenlabs_number_id__in=there).update(
        state=State.GONE,
        fingerprint="",
        answered_by="",
        problem=gettext("ElevenLabs does not have this number any more."),
    )
    for number in there.values():
        _keep_listed(number, asked_at)
    note_agents(called ^ _called())


def _called():
    return set(PhoneNumber.objects.answered().values_list("persona_id", flat=True))


def _keep_listed(number, asked_at):
    """What was assigned after the list was asked for is not in it, and an agent that was made anew is the sweep's."""
    told = {"number": number.number[:32], "label": number.label[:200], "provider": number.provider[:40]}
    told["answered_by"] = (number.agent_name or number.agent_id)[:255]
    row, _ = PhoneNumber.objects.update_or_create(elevenlabs_number_id=number.number_id, defaults=told)
    agent = Agent.objects.filter(persona=row.persona_id, persona__isnull=False).first()
    is_settled = agent is not None and row.synced_agent_id == agent.elevenlabs_agent_id != ""
    if row.state == State.GONE:
        _keep(row, state=State.WAITING if row.persona_id else State.NONE, problem="")
    elif is_settled and row.state == State.IN_STEP and number.agent_id != row.synced_agent_id:
        if row.synced_at < asked_at:
            _keep(row, state=State.OUT_OF_STEP, fingerprint="", problem=OTHER_AGENT)
    elif is_settled and row.state == State.OUT_OF_STEP and number.agent_id == row.synced_agent_id:
        _keep_in_step(row, agent)


def note(number):
    """Remember that staff chose who answers this number. Part of the caller's transaction, before it is saved."""
    number.state, number.problem = State.WAITING, ""


def note_agents(persona_ids):
    """The agents of these personas, marked as changed: whether one can be called is part of its definition."""
    return [agents.note(persona) for persona in Persona.objects.filter(pk__in=persona_ids)]


def let_go(persona):
    """Note that this persona, which is about to be deleted, will answer no number; gives those it answered."""
    numbers = PhoneNumber.objects.answered().filter(persona=persona)
    numbers.update(state=State.WAITING)
    return list(numbers)


def waiting():
    """The numbers a sync is owed to: changed and not yet followed, or whose agent was made anew."""
    moved = Q(state__in=[State.IN_STEP, State.OUT_OF_STEP]) & ~Q(
        synced_agent_id=F("persona__agent__elevenlabs_agent_id")
    )
    return PhoneNumber.objects.filter(Q(state=State.WAITING) | moved)


def sync(number):
    """Let the persona's agent answer the number on the other side, or nobody when it has lost its persona.

    Safe to repeat and to run twice at once; equal sends nothing. A number that we never assigned is left alone. Raises
    Busy (also while the agent is not in step yet) and Unreachable; a refusal is kept on the row.
    """
    with claimed(number):
        number.refresh_from_db()
        try:
            with audit.concerning(number.persona_id):
                _follow(number) if number.persona_id else _let_go(number)
        except gateway.Unreachable as fault:
            _keep(number, state=State.WAITING, problem=str(fault))
            raise
        except gateway.Gone as gone:
            _keep(number, state=State.GONE, fingerprint="", problem=str(gone))
        except gateway.Refused as refusal:
            logger.warning("phone number %s refused: %s", number.elevenlabs_number_id, refusal)
            _keep(number, state=State.REFUSED, problem=str(refusal))


def _follow(number):
    agent = Agent.objects.filter(persona=number.persona_id).first()
    if agent is None or agent.state not in (Agent.State.IN_STEP, Agent.State.OUT_OF_STEP):
        _keep(number, state=State.WAITING, problem=gettext("Its persona's agent is not in step yet."))
        raise Busy(gettext("The agent is not in step yet."))
    if number.fingerprint != fingerprint(number, agent.elevenlabs_agent_id):
        gateway.assign_number(number.elevenlabs_number_id, agent.elevenlabs_agent_id)
    _keep_in_step(number, agent)


def _keep_in_step(number, agent):
    _keep(
        number,
        state=State.IN_STEP,
        problem="",
        fingerprint=fingerprint(number, agent.elevenlabs_agent_id),
        synced_agent_id=agent.elevenlabs_agent_id,
        answered_by=str(number.persona)[:255],
        synced_at=timezone.now(),
    )


def _let_go(number):
    """Only an agent of ours is taken off it: somebody may have assigned their own meanwhile."""
    given = number.synced_agent_id
    if given and gateway.phone_number(number.elevenlabs_number_id).agent_id == given:
        gateway.assign_number(number.elevenlabs_number_id, None)
    _keep(number, state=State.NONE, problem="", fingerprint="", synced_agent_id="", answered_by="")


def fingerprint(number, agent_id):
    """Of what the other side has accepted: which number is that agent's."""
    return definitions.fingerprint(number.elevenlabs_number_id, agent_id)


def _keep(number, **fields):
    for name, value in fields.items():
        setattr(number, name, value)
    PhoneNumber.objects.filter(pk=number.pk).update(**fields)
