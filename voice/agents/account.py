"""The ElevenLabs account behind our key: its plan, and in words what the key may do and may not.

Looked at whenever a key is first seen, every hour, and when staff ask. Nothing is created or changed by it.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from voice import gateway
from voice.agents import definitions, workspace
from voice.models import Workspace

MAY, MAY_NOT, UNKNOWN = gettext_noop("may"), gettext_noop("may not"), gettext_noop("not known")
AGAIN = timedelta(hours=1)
WRONG = ("invalid_api_key", "needs_authorization")
WRITES = _("ElevenAgents: write")


@dataclass(frozen=True, slots=True)
class Right:
    """Something we need. ``without`` says what does not work when the key lacks it; ``switch`` is what it is called where
    keys are made. ``assumed``: seen only by asking for a change of something that does not exist."""

    name: str
    title: str
    without: str
    switch: str
    assumed: bool = False


RIGHTS = (
    Right("agents_read", gettext_noop("read agents"), _("changes made by hand there and agents left over are not found"), _("ElevenAgents: read")),
    Right("agents_write", gettext_noop("make, change and delete agents"), _("personas get no voice, and later changes do not reach their agents"), WRITES, True),
    Right("tools", gettext_noop("change tools"), _("agents cannot look anything up in the documents"), WRITES, True),
    Right("secrets", gettext_noop("keep secrets"), _("agents cannot prove themselves to us, and every look-up is refused"), WRITES, True),
    Right("webhooks_read", gettext_noop("read webhooks"), _("a webhook that was switched off is not noticed"), _("Webhooks: read")),
    Right("webhooks_write", gettext_noop("make webhooks"), _("no agent can be brought in step, and no call is reported"), _("Webhooks: write"), True),
    Right("voices", gettext_noop("list voices"), _("staff have to paste a voice's id instead of choosing one"), _("Voices: read")),
    Right("conversations", gettext_noop("read conversations"), _("reports that were lost on their way are not fetched"), _("ElevenAgents: read")),
    Right("signed_url", gettext_noop("open calls"), _("nobody can talk"), WRITES),
    Right("user", gettext_noop("read the plan"), _("credits and the number of calls at once are not known here"), _("User: read")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of one right; ``says`` is a sentence with what to do, or empty."""

    title: str
    state: str
    says: str


@dataclass(frozen=True, slots=True)
class Account:
    """``problem`` says why there is nothing to say, or is empty. Credits and calls are None where they are not known."""

    at: datetime
    problem: str = ""
    tier: str = ""
    used: int | None = None
    limit: int | None = None
    resets_at: datetime | None = None
    calls: int | None = None
    findings: tuple = ()

    @property
    def left(self):
        return None if self.limit is None else max(self.limit - (self.used or 0), 0)

    @property
    def lacking(self):
        return [one for one in self.findings if one.state == MAY_NOT]


def look():
    """The Account now, kept for whoever looks next."""
    account = _look()
    kept = {**asdict(account), "at": account.at.isoformat(), "key": _mark()}
    kept["resets_at"] = account.resets_at and account.resets_at.isoformat()
    workspace.last_known()  # there is a row from now on
    Workspace.objects.filter(pk=1).update(account=kept)
    return account


def look_if_new():
    """The Account when this key was not looked at within the hour, or could not be; None when it is known."""
    known = known_now()
    return look() if known is None or known.problem or timezone.now() - known.at > AGAIN else None


def known_now():
    """The Account as this very key was found last; None when it never was."""
    kept = Workspace.objects.filter(pk=1).values_list("account", flat=True).first() or {}
    if kept.get("key") != _mark():
        return None
    fields = {name: value for name, value in kept.items() if name != "key"}
    for name in ("at", "resets_at"):
        fields[name] = fields[name] and datetime.fromisoformat(fields[name])
    return Account(**{**fields, "findings": tuple(Finding(**one) for one in fields["findings"])})


def key_in_words():
    """Which key that is, without saying it."""
    key = settings.ELEVENLABS_API_KEY
    if not key:
        return gettext("There is no ELEVENLABS_API_KEY: {elevenlabs_url} answers in ElevenLabs' place.").format(
            elevenlabs_url=settings.ELEVENLABS_URL
        )
    return (
        gettext("The key that ends in {key}, at {elevenlabs_url}.").format(
            key=key[-4:], elevenlabs_url=settings.ELEVENLABS_URL
        )
        if len(key) > 8
        else gettext("A very short key.")
    )


def _mark():
    return definitions.fingerprint("account", settings.ELEVENLABS_URL, settings.ELEVENLABS_API_KEY)


def _look():
    now, findings, facts = timezone.now(), [], {}
    if not settings.ELEVENLABS_API_KEY and settings.ELEVENLABS_URL.startswith("https://api."):
        return Account(now, gettext("ELEVENLABS_API_KEY is empty. Put your account's key into .env and restart."))
    try:
        for right in RIGHTS:
            findings.append(_find(right))
        facts = _facts() if findings[-1].state == MAY else {}
    except gateway.Denied as refusal:
        return Account(
            now,
            gettext("ElevenLabs does not know this key. Copy it again into ELEVENLABS_API_KEY. {refusal}").format(
                refusal=refusal
            ),
        )
    except gateway.Unreachable as fault:
        return Account(
            now,
            gettext("Nothing could be found out. {fault} Try again in a minute.").format(fault=fault),
            findings=tuple(findings),
        )
    return Account(now, findings=tuple(findings), **facts)


def _find(right):
    """Raises Unreachable, and Denied when it is the key itself that is wrong."""
    try:
        gateway.PROBES[right.name]()
    except gateway.Denied as refusal:
        if refusal.code in WRONG:
            raise
        says = gettext("Therefore {without}. At elevenlabs.io, edit the key and switch on “{switch}”.").format(
            without=right.without, switch=right.switch
        )
        return Finding(right.title, MAY_NOT, says)
    except gateway.Refused as refusal:
        if not right.assumed and not isinstance(refusal, gateway.Gone):
            return Finding(right.title, UNKNOWN, str(refusal))
    return Finding(
        right.title, MAY, gettext("As far as can be told without changing anything.") if right.assumed else ""
    )


def _facts():
    plan = gateway.plan()
    resets = plan.get("next_character_count_reset_unix")
    return {
        "tier": str(plan.get("tier") or ""),
        "used": plan.get("character_count"),
        "limit": plan.get("character_limit"),
        "resets_at": datetime.fromtimestamp(resets, UTC) if resets else None,
        "calls": gateway.calls_at_once(),
    }
