"""What carries our mark at ElevenLabs and belongs to no persona: found by reading lists, deleted on request only.

An agent is ours by our installation's tag. A tool has no tags: it is ours when it sends our secret, or names a persona that
has a row of ours, or as a command our installation. What a worker may be making at this moment is nobody's orphan.
"""

from dataclasses import asdict, dataclass

from django.utils import timezone

from voice import gateway
from voice.agents import commands, definitions, workspace
from voice.models import Agent, Workspace


@dataclass(frozen=True, slots=True)
class LeftOver:
    """An agent or a tool without a persona. ``made_at`` is in Unix seconds, 0 where they do not say."""

    kind: str  # "agent" or "tool"
    id: str
    name: str
    made_at: int = 0

    @property
    def key(self):
        return f"{self.kind}:{self.id}"


def find():
    """[LeftOver, …], agents first, oldest first. Sends nothing but GETs. Raises GatewayError."""
    rows = list(Agent.objects.only("persona_key", "elevenlabs_agent_id", "tool_id", "claimed_until"))
    found = _find_agents(rows)
    leaving = {one.id for one in found}
    found += _find_tools(rows, leaving) + _find_commands(leaving)
    Workspace.objects.filter(pk=1).update(left_over=[asdict(one) for one in found])
    return found


def known():
    """[LeftOver, …] of the last look, without asking anybody."""
    kept = Workspace.objects.filter(pk=1).values_list("left_over", flat=True).first()
    return [LeftOver(**one) for one in kept or []]


def remove(keys):
    """Delete those of them that are left over still. Returns what was deleted: [LeftOver, …]. Raises GatewayError."""
    chosen = [one for one in find() if one.key in set(keys)]
    for one in chosen:
        if one.kind == "agent":
            gateway.delete_agent(one.id)
        else:
            gateway.delete_tool(one.id, force=False)
    if chosen:
        find()
    return chosen


def _find_agents(rows):
    ours = definitions.tags("", workspace.last_known().installation)[0]
    safe = {row.elevenlabs_agent_id for row in rows}
    making = {definitions.tags(row.persona_key, "")[1] for row in rows if _may_be_making(row, row.elevenlabs_agent_id)}
    return [
        LeftOver("agent", row["agent_id"], row.get("name") or "", row.get("created_at_unix_secs") or 0)
        for row in gateway.agent_rows(ours)
        if row["agent_id"] not in safe and not making & set(row["tags"])
    ]


def _find_tools(rows, leaving):
    """Also those that only agents use which are left over themselves."""
    secret = workspace.last_known().secret_id
    keys, safe = {str(row.persona_key) for row in rows}, {row.tool_id for row in rows}
    making = {str(row.persona_key) for row in rows if _may_be_making(row, row.tool_id)}
    found = []
    for row in gateway.tools_named(definitions.TOOL_NAME):
        persona = definitions.persona_of(row["tool_config"])
        ours = persona in keys or (secret and definitions.secret_of(row["tool_config"]) == secret)
        if (
            ours
            and row["id"] not in safe
            and persona not in making
            and leaving.issuperset(gateway.tool_users(row["id"]))
        ):
            found.append(LeftOver("tool", row["id"], row["tool_config"]["name"]))
    return found


def _find_commands(leaving):
    """Commands that are there twice, or that we know no more. What a lost create left is the next sync's to adopt."""
    row, *_ = workspace.expected()
    if row.claimed_until is not None and row.claimed_until > timezone.now():
        return []
    awaited = set(commands.NAMES) - row.commands.keys()
    there = {tool_id: one["tool_config"]["name"] for tool_id, one in workspace.commands_there(row).items()}
    return [
        LeftOver("tool", tool_id, name)
        for tool_id, name in there.items()
        if tool_id not in row.commands.values()
        and name not in awaited
        and leaving.issuperset(gateway.tool_users(tool_id))
    ]


def _may_be_making(row, its_id):
    """It has none yet, so the next sync would adopt it; or a worker is at it now."""
    return not its_id or (row.claimed_until is not None and row.claimed_until > timezone.now())
