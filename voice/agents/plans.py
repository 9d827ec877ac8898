"""What a sync would do, before it does it: field by field, against what truly stands at ElevenLabs. Nothing is sent but GETs.

When ElevenLabs cannot be reached, the plan goes by the fingerprints we keep, and says so.
"""

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from personas.models import Persona
from voice import agents, gateway
from voice.agents import baselines, definitions, orphans
from voice.agents.differences import compare, find_edits, flat
from voice.agents.steps import CREATE, DELETE, NEW_TOOL, NOTHING, SHARED, UNASKED, UPDATE, Reader, Step, shared_steps
from voice.models import Agent

FOUND = _("Found there: an earlier answer was lost.")


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in their order. ``fault`` says why it could not be compared with what stands there, or is empty."""

    steps: tuple
    fault: str = ""

    @property
    def changes(self):
        return [step for step in self.steps if step.is_change]

    @property
    def sames(self):
        return [step for step in self.steps if not step.is_change]

    @property
    def shares_change(self):
        """Whether the secret, the webhook or a command is touched."""
        return any(step.subject == SHARED for step in self.changes)

    @property
    def persona_ids(self):
        """Of the personas whose agent or tool is to be sent."""
        return list(dict.fromkeys(step.persona_id for step in self.changes if step.persona_id))

    @property
    def mark(self):
        """Stands for the plan as it was shown: another plan has another mark."""
        return definitions.fingerprint(
            [
                [step.subject, step.what, step.verb, str(step.note), [one.as_json() for one in step.differences]]
                for step in self.steps
            ]
        )

    def count(self):
        """{"create": 1, …} of its steps, in the order of the verbs; what is not there is left out."""
        verbs = [step.verb for step in self.steps]
        return {verb: verbs.count(verb) for verb in (CREATE, UPDATE, DELETE, NOTHING) if verb in verbs}


def make(personas=None, prune=False):
    """The Plan for these personas, or for all and what no persona needs any more. Raises nothing of the gateway's."""
    reader = Reader()
    steps, shared = shared_steps(reader)
    for persona in Persona.objects.all() if personas is None else personas:
        steps += _persona_steps(persona, shared, reader)
    if personas is None:
        steps += [
            Step(
                agent.elevenlabs_agent_id or str(agent.persona_key),
                "agent",
                DELETE,
                note=gettext("Its persona is deleted."),
            )
            for agent in Agent.objects.filter(persona=None)
        ]
        steps += _left_over_steps(reader, prune)
    return Plan(tuple(steps), reader.fault)


def _persona_steps(persona, shared, reader):
    """[of its tool, of its agent]."""
    row = Agent.objects.filter(persona_key=persona.pk).first() or Agent(persona_key=persona.pk)
    try:
        tool_there, tool_note = _find_tool(persona, row, reader)
        there, found = _find(persona, row, shared, reader)
    except gateway.GatewayError:
        return _by_fingerprint(persona, row, shared)
    tool_id = tool_there["id"] if tool_there else NEW_TOOL
    is_sent = row.fingerprint == definitions.fingerprint_of(persona, shared, tool_id)
    tool_picture = baselines.picture_tool(tool_there) if tool_there else {}
    picture = baselines.picture_agent(there) if there else {}
    wanted, wanted_tool = flat(definitions.agent(persona, shared, tool_id)), flat(definitions.tool(persona, shared))
    return [
        _step(persona, "tool", _compare_tool(row, is_sent, wanted_tool, tool_picture), tool_there, is_sent, tool_note),
        _step(persona, "agent", _compare_agent(row, is_sent, wanted, picture), there, is_sent, found or _left(row, persona, shared, picture)),
    ]  # fmt: skip


def _find_tool(persona, row, reader):
    """(the tool as it stands there or None, a note)."""
    there = reader.read(gateway.tool, row.tool_id) if row.tool_id else None
    if there:
        return there, ""
    named = reader.read(gateway.tools_named, definitions.TOOL_NAME) or []
    behind = next((one for one in named if definitions.persona_of(one["tool_config"]) == str(persona.pk)), None)
    return behind, FOUND if behind else ""


def _find(persona, row, shared, reader):
    """(the agent as it stands there or None, a note): also what an earlier create left behind."""
    if row.elevenlabs_agent_id:
        there = reader.read(gateway.agent, row.elevenlabs_agent_id)
        if there:
            return there, ""
    behind = reader.read(agents.left_behind, persona.pk, shared.installation)
    if behind:
        return reader.read(gateway.agent, behind[0]), FOUND
    return None, gettext("It was deleted at ElevenLabs.") if row.elevenlabs_agent_id else ""


def _step(persona, what, differences, there, is_sent, note=""):
    """Without a difference there is one reason left to send: that it was never confirmed."""
    is_same = bool(there) and not differences and (is_sent or what == "tool")
    verb = NOTHING if is_same else UPDATE if there else CREATE
    if verb == UPDATE and not differences:
        note = note or gettext("Nothing differs; it is sent because it was not confirmed before.")
    return Step(persona.slug, what, verb, tuple(differences), note, persona.pk)


def _compare_agent(row, is_sent, wanted, picture):
    """What they gave back for the very same definition is in step, however they wrote it."""
    if not (is_sent and row.baseline):
        return compare("agent", wanted, picture)
    return [one for one in find_edits("agent", row.baseline["agent"], picture) if one.path in wanted]


def _compare_tool(row, is_sent, wanted, picture):
    """A tool is sent whole, so what no definition sets goes back too."""
    if not picture or not row.baseline:
        return compare("tool", wanted, picture)
    edits = find_edits("tool", row.baseline["tool"], picture)
    if is_sent:
        return edits
    differences = compare("tool", wanted, picture)
    told = {one.path for one in differences}
    return differences + [one for one in edits if one.path not in wanted and one.path not in told]


def _left(row, persona, shared, picture):
    """A note on what was changed by hand and is no part of what is sent."""
    edits = find_edits("agent", row.baseline["agent"], picture) if row.baseline and picture else []
    left = [one.word for one in edits if not definitions.sets(persona, shared, one.path)]
    if not left or row.restoring:
        return ""
    return gettext("Stays as it was changed by hand: {fields}. The agent's page can put it back.").format(
        fields=", ".join(left)
    )


def _by_fingerprint(persona, row, shared):
    if not row.elevenlabs_agent_id:
        return [Step(persona.slug, what, CREATE, persona_id=persona.pk) for what in ("tool", "agent")]
    is_sent = row.fingerprint == definitions.fingerprint_of(persona, shared, row.tool_id)
    return [Step(persona.slug, "agent", NOTHING if is_sent else UPDATE, note=UNASKED, persona_id=persona.pk)]


def _left_over_steps(reader, prune):
    try:
        found = reader.read(orphans.find)
    except gateway.GatewayError:
        return []
    verb, note = (DELETE, "") if prune else (NOTHING, gettext("Add --prune to delete it."))
    return [
        Step(
            one.id,
            one.kind,
            verb,
            note=gettext("Belongs to no persona ({name}). {note}").format(name=one.name, note=note).strip(),
        )
        for one in found or []
    ]
