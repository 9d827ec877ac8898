"""What all agents share on the other side: the secret in the tool's header, the post-call webhook, and the commands."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from voice import audit, gateway
from voice.agents import commands, definitions
from voice.claims import claimed, keep
from voice.models import Agent, PhoneNumber, Workspace


def prepare():
    """Make sure that the secret, the webhook and the commands exist and are the right ones; give what agents need of them.

    Raises Busy while another worker does the same, and GatewayError.
    """
    workspace = _workspace()
    if not _is_prepared(workspace):
        with claimed(workspace), audit.concerning(None):  # it is all agents', whoever's sync finds it missing
            workspace.refresh_from_db()
            _prepare_secret(workspace)
            _prepare_webhook(workspace)
            _prepare_commands(workspace)
    return _shared(workspace)


def last_known():
    """The same without asking anybody: ids are empty before the first sync."""
    return _shared(_workspace())


def expected():
    """(our row, the name both carry there, the webhook's address, whether the secret holds the token of today) for
    whoever compares. Asks nobody."""
    workspace = _workspace()
    is_current = bool(settings.SERVICE_TOKENS) and workspace.secret_fingerprint == _token_fingerprint()
    return workspace, _name(workspace), _webhook_url(), is_current


def is_intact():
    """Whether secret, webhook and commands still stand on the other side under the ids we hold."""
    workspace = _workspace()
    name = _name(workspace)
    return (
        gateway.secret_named(name) == workspace.secret_id
        and workspace.webhook_id in gateway.webhooks_named(name)
        and set(workspace.commands.values()) <= commands_there(workspace).keys()
    )


def forget():
    """Make the next sync look at all of it again: something refused what we believed to be there."""
    Workspace.objects.filter(pk=1).update(secret_fingerprint="", commands_fingerprint="")


def webhook_secrets():
    """The secrets with which a post-call report may be signed: those set by hand, the one sync made, and those it replaced
    lately."""
    current, retired = Workspace.objects.filter(pk=1).values_list("webhook_secret", "retired").first() or ("", [])
    made = [_decrypted(stored) for stored in (current, *(one["secret"] for one in retired)) if stored]
    return [secret for secret in [*settings.ELEVENLABS_WEBHOOK_SECRETS, *made] if secret]


def _workspace():
    return Workspace.objects.get_or_create(pk=1)[0]


def _shared(workspace):
    called = frozenset(PhoneNumber.objects.answered().values_list("persona_id", flat=True))
    ids = tuple(workspace.commands[name] for name in commands.NAMES if name in workspace.commands)
    return definitions.Shared(str(workspace.installation), workspace.secret_id, workspace.webhook_id, called, ids)


def _name(workspace):
    return f"clone-advisor-{workspace.installation}"


def _is_prepared(workspace):
    return (
        bool(workspace.secret_id and workspace.webhook_id)
        and workspace.secret_fingerprint == _token_fingerprint()
        and workspace.webhook_url == _webhook_url()
        and workspace.commands_fingerprint == commands_fingerprint(workspace)
    )


def _webhook_url():
    return f"{settings.PUBLIC_URL}/elevenlabs/post-call"


def _token():
    if not settings.SERVICE_TOKENS:
        raise gateway.Refused(
            _("SERVICE_TOKENS is empty: without it the tool webhook would refuse every agent. Set it first.")
        )
    return settings.SERVICE_TOKENS[0]


def _token_fingerprint():
    """Of the token and of the account: another account needs its own secret."""
    return definitions.fingerprint(_token(), settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY)


def _prepare_secret(workspace):
    """The token is put into the existing secret, so that agents need no change when it is rotated."""
    if workspace.secret_id and workspace.secret_fingerprint == _token_fingerprint():
        return
    name = _name(workspace)
    workspace.secret_id = gateway.secret_named(name)
    if workspace.secret_id:
        gateway.update_secret(workspace.secret_id, name, _token())
    else:
        workspace.secret_id = gateway.create_secret(name, _token())
    fields = {"secret_id": workspace.secret_id, "secret_fingerprint": _token_fingerprint()}
    keep(workspace, **fields, synced_at=timezone.now())


def _prepare_webhook(workspace):
    """A webhook whose secret we do not hold is of no use, so it is replaced: the secret is shown only at creation."""
    name = _name(workspace)
    known = {row["webhook_id"]: row for row in gateway.webhook_rows(name)}
    held = workspace.webhook_secret and _decrypted(workspace.webhook_secret)
    if workspace.webhook_url == _webhook_url() and workspace.webhook_id in known and held:
        if is_switched_off(known[workspace.webhook_id]):
            gateway.enable_webhook_retries(workspace.webhook_id, name)
        return
    _replace_webhook(workspace, known)


def commands_fingerprint(workspace):
    """Of the commands as they are to be, and of the account that is to have them."""
    wanted = commands.tools(str(workspace.installation))
    return definitions.fingerprint(wanted, settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY)


def commands_there(workspace):
    """{id: the tool} of the commands that this installation has there, what a lost create left behind included."""
    ours = str(workspace.installation)
    rows = gateway.tools_of("client")
    return {row["id"]: row for row in rows if commands.installation_of(row["tool_config"]) == ours}


def find_command(workspace, there, name):
    """The id of the command of that name among those that are there, the one we hold before any other; None without."""
    named = [tool_id for tool_id, row in there.items() if row["tool_config"]["name"] == name]
    mine = workspace.commands.get(name)
    return mine if mine in named else next(iter(named), None)


def _prepare_commands(workspace):
    """The tools that are there are changed and keep their ids, so that agents need no change for a new wording."""
    if workspace.commands_fingerprint == commands_fingerprint(workspace):
        return
    there = commands_there(workspace)
    held = {}
    for name, wanted in commands.tools(str(workspace.installation)).items():
        tool_id = find_command(workspace, there, name)
        held[name] = gateway.update_tool(tool_id, wanted)["id"] if tool_id else gateway.create_tool(wanted)["id"]
    is_new = held != workspace.commands
    keep(workspace, commands=held, commands_fingerprint=commands_fingerprint(workspace), synced_at=timezone.now())
    if is_new:
        _let_follow()


def replace_webhook():
    """Make a new webhook with a new secret. The old one goes on until every agent names the new one and nothing it could
    still report is under way: see rotation. Raises Busy and GatewayError."""
    workspace = _workspace()
    with claimed(workspace):
        workspace.refresh_from_db()
        _replace_webhook(workspace, gateway.webhooks_named(_name(workspace)))


def _replace_webhook(workspace, known):
    """Of those that carry our name, the ones whose secret nobody has are deleted: a create's answer was lost."""
    retired = list(workspace.retired)
    if workspace.webhook_id in known and _decrypted(workspace.webhook_secret):
        retired.append({"id": workspace.webhook_id, "secret": workspace.webhook_secret})
    for webhook_id in set(known) - {one["id"] for one in retired}:
        gateway.delete_webhook(webhook_id)
    webhook_id, secret = gateway.create_webhook(_name(workspace), _webhook_url())
    made = {"webhook_id": webhook_id, "webhook_url": _webhook_url(), "webhook_secret": _encrypted(secret)}
    keep(workspace, **made, retired=retired, synced_at=timezone.now())
    _let_follow()
    gateway.enable_webhook_retries(webhook_id, _name(workspace))


def _let_follow():
    """Agents name what was made anew. Not those out of step: what somebody changed in them by hand is theirs to decide."""
    Agent.objects.filter(state=Agent.State.IN_STEP).update(state=Agent.State.WAITING, try_at=None)


def is_switched_off(webhook):
    """By hand, or by ElevenLabs itself after ten failures in a row."""
    return bool(webhook.get("is_disabled") or webhook.get("is_auto_disabled"))


def _cipher():
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.SECRET_KEY.encode()).digest()))


def _encrypted(secret):
    return _cipher().encrypt(secret.encode()).decode()


def _decrypted(stored):
    """'' when SECRET_KEY was changed since: the door stays closed until the next sync makes a new webhook."""
    try:
        return _cipher().decrypt(stored.encode()).decode()
    except InvalidToken:
        return ""
