"""The steps of a plan, and those about what all agents share. Nothing is sent but GETs."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from voice import gateway
from voice.agents import baselines, commands, workspace
from voice.agents.differences import HIDDEN, Difference, compare, flat

CREATE, UPDATE, NOTHING, DELETE = (
    gettext_noop("create"),
    gettext_noop("update"),
    gettext_noop("nothing"),
    gettext_noop("delete"),
)
SHARED = "shared"
UNASKED = gettext_lazy("By the fingerprint kept here; ElevenLabs could not be asked.")
NEW_SECRET, NEW_WEBHOOK, NEW_TOOL = "(the new secret)", "(the new webhook)", "(the new tool)"
NEW_COMMAND = "(the new command)"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the other side and what becomes of it. ``subject`` is a persona's slug, an id, or "shared"."""

    subject: str
    what: str  # agent, tool, secret, webhook, command
    verb: str
    differences: tuple = ()
    note: str = ""
    persona_id: object = None

    @property
    def is_change(self):
        return self.verb != NOTHING

    @property
    def title(self):
        """What it is, for people."""
        return (
            _("Of all agents: {what}").format(what=self.what)
            if self.subject == SHARED
            else f"{self.subject}: {self.what}"
        )


class Reader:
    """Asks until the first fault: whoever is away for one question is away for the next two hundred."""

    def __init__(self):
        self.fault = ""

    def read(self, ask, *given):
        """What they answer; None for what is gone there. Raises GatewayError."""
        if self.fault:
            raise gateway.Unreachable(self.fault)
        try:
            return ask(*given)
        except gateway.Gone:
            return None
        except gateway.GatewayError as fault:
            self.fault = str(fault)
            raise


def shared_steps(reader):
    """(steps, what the agents' definitions will be given of it)."""
    row, name, url, is_current = workspace.expected()
    try:
        secret_id = reader.read(gateway.secret_named, name)
        webhooks = {one["webhook_id"]: one for one in reader.read(gateway.webhook_rows, name) or []}
        there = reader.read(workspace.commands_there, row)
    except gateway.GatewayError:
        secret_id, there = row.secret_id, None
        webhooks = {row.webhook_id: {"webhook_url": row.webhook_url}} if row.webhook_id else {}
    steps = [_secret_step(row, secret_id, is_current), _webhook_step(row, webhooks, url)]
    secret, webhook = (step.verb == CREATE for step in steps)
    command_steps, ids = _command_steps(row, there)
    shared = replace(
        workspace.last_known(),
        secret_id=NEW_SECRET if secret else secret_id,
        webhook_id=NEW_WEBHOOK if webhook else row.webhook_id,
        commands=ids,
    )
    return [*steps, *command_steps], shared


def _command_steps(row, there):
    """([of each command that is to be made or changed, or one that none is], the ids of all). What stands there is None
    when it could not be read."""
    if there is None:
        is_sent = row.commands_fingerprint == workspace.commands_fingerprint(row)
        ids = workspace.last_known().commands if is_sent else (NEW_COMMAND,) * len(commands.NAMES)
        return [Step(SHARED, "command", NOTHING if is_sent else UPDATE, note=UNASKED)], ids
    steps, ids = [], []
    for name, wanted in commands.tools(str(row.installation)).items():
        tool_id = workspace.find_command(row, there, name)
        ids.append(tool_id or NEW_COMMAND)
        picture = baselines.picture_tool(there[tool_id]) if tool_id else {}
        differences = compare("command", flat(wanted), picture)
        if differences:
            steps.append(Step(SHARED, "command", UPDATE if tool_id else CREATE, tuple(differences), name))
    return steps or [Step(SHARED, "command", NOTHING)], tuple(ids)


def _secret_step(row, secret_id, is_current):
    note = _("Its value can never be read back: it is known by the fingerprint kept here.")
    if not secret_id:
        return Step(SHARED, "secret", CREATE, (Difference("secret", "value", None, HIDDEN),))
    if is_current and secret_id == row.secret_id:
        return Step(SHARED, "secret", NOTHING, note=note)
    changed = Difference("secret", "value", HIDDEN, _("{hidden} (the first of SERVICE_TOKENS)").format(hidden=HIDDEN))
    return Step(SHARED, "secret", UPDATE, (changed,), note)


def _webhook_step(row, webhooks, url):
    there = webhooks.get(row.webhook_id)
    if there is None or there["webhook_url"] != url or row.webhook_url != url or not row.webhook_secret:
        old = there or next(iter(webhooks.values()), {})
        note = (
            _("An address and a secret cannot be changed: the old one is deleted and a new one made.")
            if webhooks
            else ""
        )
        return Step(
            SHARED, "webhook", CREATE, (Difference("webhook", "webhook_url", old.get("webhook_url"), url),), note
        )
    note = _("Whether it delivers again after our own failures is not told there; it is asked for when it is made.")
    if workspace.is_switched_off(there):
        return Step(SHARED, "webhook", UPDATE, (Difference("webhook", "is_disabled", True, False),), note)
    return Step(SHARED, "webhook", NOTHING, note=note)
