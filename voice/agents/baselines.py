"""What the other side looked like when it was last in step, and what that says of what stands there now. Asks nobody.

An agent's row keeps a baseline, {"agent": picture, "tool": picture}, as ElevenLabs gave them back after the last sync,
and the drift: in what they were changed by hand since.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from voice.agents.differences import Difference, compare, find_edits, find_root, flat, is_hidden, tree
from voice.models import Agent

State = Agent.State
# Of an agent, what a hand changes and what a sync may send. Versions, times, access and phone numbers move by themselves;
# so does their own judgement of how safe it is.
PARTS = ("name", "tags", "conversation_config", "platform_settings", "workflow")
NAMED = 3  # fields named in a sentence, before "and 2 more"


def picture_agent(there):
    """The flat picture of an agent as they give it."""
    kept = {name: there[name] for name in PARTS if name in there}
    platform = {name: value for name, value in (there.get("platform_settings") or {}).items() if name != "safety"}
    return flat({**kept, "platform_settings": platform})


def picture_tool(there):
    """The flat picture of a tool as they give it."""
    return flat({"tool_config": there["tool_config"]})


def compare_to_baseline(agent, there, tool_there):
    """(drift, baseline with their news in it) of an agent whose baseline is known, from two pictures."""
    drift, baseline = [], {}
    for part, picture in (("agent", there), ("tool", tool_there)):
        edits = find_edits(part, agent.baseline[part], picture)
        drift += edits
        baseline[part] = _renewed(agent.baseline[part], edits, picture)
    return drift, baseline


def _renewed(kept, edits, picture):
    """What was kept with their news in it; where somebody edited, as it was before, nothing included."""
    edited = {one.path for one in edits}

    def is_above(path):
        return any(one.startswith(f"{path}.") for one in edited)

    news = {path: value for path, value in picture.items() if path not in edited and not is_above(path)}
    stays = {path: value for path, value in kept.items() if path in edited or (value in (None, {}) and is_above(path))}
    return news | stays


def begin(definition, tool_definition, there, tool_there):
    """(drift, baseline) of an agent that has none yet: what was sent, and for all the rest what stands there."""
    drift = compare("agent", flat(definition), there) + compare("tool", flat(tool_definition), tool_there)
    baseline = {"agent": dict(there), "tool": dict(tool_there)}
    for one in drift:
        baseline[one.part][one.path] = one.ours
    return drift, baseline


def settled(agent, definition, there, tool_there):
    """The row's fields after both were sent and accepted, and stand as they gave them back. Drift in fields that no sync
    sets stays, unless it was put back just now."""
    picture, kept, ours = picture_agent(there), agent.baseline.get("agent", {}), flat(definition)
    known = {one.path for one in drift_of(agent) if one.part == "agent"} - ours.keys()
    left = [one for one in find_edits("agent", kept, picture) if one.path in known]
    return {
        **told(left, tried=agent.restoring),
        "baseline": {"agent": _renewed(kept, left, picture), "tool": picture_tool(tool_there)},
        "restoring": False,
        "checked_at": timezone.now(),
    }


def told(drift, tried=False):
    """State, problem in words, and drift as a row keeps them."""
    state = State.OUT_OF_STEP if drift else State.IN_STEP
    return {"state": state, "problem": say(drift, tried), "drift": [one.as_json() for one in drift]}


def say(drift, tried=False):
    """The drift in a sentence, or ""."""
    if not drift:
        return ""
    words = [one.word for one in drift]
    more = _(" and {count} more").format(count=len(words) - NAMED) if len(words) > NAMED else ""
    named = ", ".join(words[:NAMED]) + more
    if tried:
        return _("ElevenLabs did not take back: {named}. Undo it in their dashboard, or adopt it.").format(named=named)
    return _("Changed by hand at ElevenLabs: {named}. Adopt it or overwrite it.").format(named=named)


def drift_of(agent):
    """[Difference, …] that the row remembers."""
    return [Difference(**one) for one in agent.drift]


def restored(agent, definition):
    """The definition, and with it what has to be sent so that the fields no sync sets go back to the baseline."""
    if not (agent.restoring and agent.baseline):
        return definition
    kept, ours = agent.baseline["agent"], flat(definition)
    roots = {find_root(one.path, kept) for one in drift_of(agent) if one.part == "agent" and one.path not in ours}
    back = {}
    for root in roots:
        below = {path: value for path, value in kept.items() if path == root or path.startswith(f"{root}.")} or {
            root: {}
        }
        back |= {path: value for path, value in below.items() if not is_hidden(value)}
    return _laid_over(tree(back), definition)


def _laid_over(under, over):
    """Both trees in one; where both say something, the second."""
    both = {**under}
    for name, value in over.items():
        inner = isinstance(value, dict) and isinstance(both.get(name), dict)
        both[name] = _laid_over(both[name], value) if inner else value
    return both
