"""What somebody changed by hand at ElevenLabs: found by reading back, then adopted or overwritten as staff decide."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from personas import recording
from personas.models import Persona
from voice import gateway
from voice.agents import adopting, baselines, definitions, doubts, workspace
from voice.agents.differences import compare, flat
from voice.models import Agent

State = Agent.State
REASON = gettext_noop("Adopted what was changed by hand at ElevenLabs")
GONE = _("It was deleted by hand at ElevenLabs, and is made again.")
TOOL_GONE = _("Its tool was deleted by hand at ElevenLabs, and is made again.")


class Moved(Exception):
    """What stands there is not what was shown: nothing was done, it has to be looked at again."""


class NotAdopted(Exception):
    """The persona would not be valid, for the reason in words; nothing was changed."""


def check(agent):
    """Read the agent and its tool back and keep in what they differ from when they were last in step. What is gone is
    marked to be made again.

    Sends nothing but GETs. A row that a sync is owed to is left alone. Safe to repeat. Raises Busy, Unreachable, Refused.
    """
    with doubts.claimed(agent):
        if agent.persona_id and agent.elevenlabs_agent_id and agent.state in _CHECKED:
            _check(agent)


def is_open(agent):
    """Whether its drift can be settled now: not while a sync is on its way that will change what stands there."""
    return bool(agent.drift) and agent.state in _CHECKED


def mark(agent):
    """What stands for the drift as it is known now, to tell later whether it is still the same."""
    return definitions.fingerprint(agent.drift)


def verdicts(agent):
    """[Verdict, …]: the known drift, and what adopting would do with each part of it."""
    persona, shared = agent.persona, workspace.last_known()
    return [adopting.judge(persona, shared, one) for one in baselines.drift_of(agent)] if persona else []


def overwrite(agent, shown):
    """Have the next sync put everything back: ours is sent again, the rest goes back to the baseline. Raises Moved."""
    _expect(agent, shown)
    Agent.objects.filter(pk=agent.pk).update(state=State.WAITING, fingerprint="", restoring=True)


def adopt(agent, shown):
    """Take over what was changed by hand, after one more look: a persona's fields through their validation and history,
    the rest as the new normal. What cannot be adopted stays as it is on both sides, and out of step.

    Overwrites nothing: a sync follows only when nothing is left that was changed by hand. Returns [Verdict, …]. Raises
    Moved, NotAdopted, and what check raises.
    """
    check(agent)
    _expect(agent, shown)
    with recording.because(REASON), transaction.atomic():
        agent.persona = Persona.objects.select_for_update().get(pk=agent.persona_id)
        judged = verdicts(agent)
        _write(agent.persona, judged)
        _settle(agent, [one.difference for one in judged if one.stays])
    return judged


_CHECKED = (State.IN_STEP, State.OUT_OF_STEP, State.REFUSED)


def _check(agent):
    try:
        there = gateway.agent(agent.elevenlabs_agent_id)
    except gateway.Gone:
        return _give_up(agent, GONE, elevenlabs_agent_id="", baseline={}, drift=[])
    try:
        tool_there = gateway.tool(agent.tool_id)
    except gateway.Gone:
        return _give_up(agent, TOOL_GONE, tool_id="")
    drift, baseline = _compare(agent, baselines.picture_agent(there), baselines.picture_tool(tool_there))
    told = baselines.told(drift)
    row = Agent.objects.filter(pk=agent.pk)
    row.update(baseline=baseline, drift=told["drift"], checked_at=timezone.now())
    # Meanwhile the persona may have been edited; and a refusal's reason is worth more than what was found now.
    row.filter(state__in=[State.IN_STEP, State.OUT_OF_STEP]).update(state=told["state"], problem=told["problem"])
    return agent.refresh_from_db()


def _give_up(agent, problem, **fields):
    fields |= {"state": State.GONE, "fingerprint": "", "problem": problem, "checked_at": timezone.now()}
    Agent.objects.filter(pk=agent.pk).update(**fields)
    agent.refresh_from_db()


def _compare(agent, there, tool_there):
    if agent.baseline:
        return baselines.compare_to_baseline(agent, there, tool_there)
    shared = workspace.last_known()
    sent = definitions.agent(agent.persona, shared, agent.tool_id), definitions.tool(agent.persona, shared)
    if agent.fingerprint != definitions.fingerprint_of(agent.persona, shared, agent.tool_id):
        sent = {}, {}  # what was sent then is not known any more
    return baselines.begin(*sent, there, tool_there)


def _expect(agent, shown):
    if agent.state not in _CHECKED:
        raise Moved(gettext("A sync of this agent is on its way, so nothing was done. Look again in a minute."))
    if not agent.drift or mark(agent) != shown:
        raise Moved(
            gettext(
                "It was changed again since this page was shown, so nothing was done. Look at what stands there now."
            )
        )


def _write(persona, judged):
    written = [one for one in judged if one.becomes == "persona"]
    for one in written:
        setattr(persona, one.field, one.value)
    try:
        persona.full_clean()
    except ValidationError as refusal:
        raise NotAdopted(
            gettext("Nothing was adopted. {problem}").format(problem=" ".join(refusal.messages))
        ) from refusal
    if written:
        persona.save()


def _settle(agent, stays):
    """The row after an adoption: what stands there is the new baseline, apart from what stays. A persona's new field can
    show in other places of the definition too (its name stands in the prompt), and those have to follow."""
    shared = workspace.last_known()
    there = {part: dict(picture) for part, picture in agent.baseline.items()}
    for one in baselines.drift_of(agent):
        there[one.part][one.path] = one.there
    kept = {(one.part, one.path) for one in stays}
    wanted = flat(definitions.agent(agent.persona, shared, agent.tool_id))
    follow = [one for one in compare("agent", wanted, there["agent"]) if ("agent", one.path) not in kept]
    for one in (*stays, *follow):
        there[one.part][one.path] = one.ours
    fields = baselines.told([*stays, *follow] if stays else []) | {"baseline": there}
    fields["fingerprint"] = definitions.fingerprint_of(agent.persona, shared, agent.tool_id)
    if follow and not stays:
        fields |= {"state": State.WAITING, "fingerprint": ""}
    Agent.objects.filter(pk=agent.pk).update(**fields)
    agent.refresh_from_db()
