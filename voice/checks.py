"""What must be set before the doors open: said at start, not found out by a caller."""

import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Warning, register

from voice import devices

PIP = "pip install -c demo/constraints.txt -r config/production-requirements.txt"


@register()
def secrets_are_set(app_configs, **_):
    found = []
    if not settings.SECRET_KEY:
        found.append(Error("SECRET_KEY is empty.", hint="`make run` writes one into .env.", id="voice.E001"))
    if not settings.SERVICE_TOKENS:
        hint = "Set it to a long random word; agents get it with the next sync_agents."
        found.append(Warning("SERVICE_TOKENS is empty: every tool call is refused.", hint=hint, id="voice.W001"))
    if any(len(token) < 24 for token in settings.SERVICE_TOKENS):
        hint = "Use at least 24 random characters: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        found.append(Warning("A service token is short enough to be guessed.", hint=hint, id="voice.W002"))
    return found


@register()
def the_second_factor_is_decided(app_configs, **_):
    """A word that is misspelt must not leave the door open."""
    if settings.ADMIN_TOTP in devices.MODES:
        return []
    hint = f"Set it to one of: {', '.join(devices.MODES)}."
    return [Error(f"ADMIN_TOTP is {settings.ADMIN_TOTP!r}.", hint=hint, id="voice.E003")]


@register()
def addresses_fit(app_configs, **_):
    found = []
    local = settings.PUBLIC_URL.startswith(("http://127.0.0.1", "http://localhost"))
    if settings.ELEVENLABS_URL.startswith("https://api.") and not settings.PUBLIC_URL.startswith("https://"):
        hint = "Set PUBLIC_URL to an https address that reaches this machine, for example a tunnel's."
        found.append(Warning("ElevenLabs cannot reach PUBLIC_URL for tool calls.", hint=hint, id="voice.W003"))
    if settings.DEBUG and not local:
        found.append(Warning("DEBUG is on at a public address.", hint="Set DEBUG=False.", id="voice.W004"))
    return found


@register()
def the_proxies_are_counted(app_configs, **_):
    """Otherwise all visitors and all of staff's tries would count as the proxy's own."""
    if settings.BEHIND_TLS_PROXY and settings.PROXIES < 1:
        hint = "Set it to how many proxies stand one behind the other; without any, set BEHIND_TLS_PROXY=False."
        return [Error(f"PROXIES is {settings.PROXIES} behind a proxy.", hint=hint, id="voice.E005")]
    return []


@register()
def the_bucket_can_be_reached(app_configs, **_):
    """Known at start, not at somebody's upload."""
    if settings.S3_BUCKET and not (find_spec("storages") and find_spec("boto3")):
        return [Error("S3_BUCKET is set, but what speaks to S3 is not installed.", hint=PIP, id="voice.E002")]
    return []


@register()
def traces_can_be_sent(app_configs, **_):
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT and not can_trace():
        said = "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what speaks to a collector is not installed: nothing is traced."
        return [Error(said, hint=PIP, id="voice.E006")]
    return []


def can_trace():
    return is_there("opentelemetry.sdk") and is_there("opentelemetry.exporter.otlp.proto.http")


@register()
def faults_can_be_sent(app_configs, **_):
    if settings.SENTRY_DSN and not is_there("sentry_sdk"):
        said = "SENTRY_DSN is set, but sentry-sdk is not installed: no fault is sent."
        return [Error(said, hint=PIP, id="voice.E004")]
    return []


def is_there(package):
    """Whether it is installed, found without loading it."""
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even what it lies in
        return False


@register(deploy=True)
def alerts_reach_somebody(app_configs, **_):
    """In the admin and the log they stand anyway."""
    if settings.ALERT_EMAILS and not settings.EMAIL_URL:
        hint = "Set EMAIL_URL, or empty ALERT_EMAILS."
        return [
            Warning("Nobody is written to when something is wrong: EMAIL_URL is empty.", hint=hint, id="voice.W006")
        ]
    return []


@register()
def daily_report_can_be_sent(app_configs, **_):
    """Said at start, not by a letter that does not come."""
    found = []
    if settings.VOICE_REPORT_TO and not settings.EMAIL_URL:
        hint = "Set EMAIL_URL, or empty VOICE_REPORT_TO."
        found.append(Warning("The daily report is not sent: EMAIL_URL is empty.", hint=hint, id="voice.W021"))
    if not 0 <= settings.VOICE_REPORT_HOUR <= 23:
        hint = "Set it to an hour from 0 to 23."
        found.append(Warning("VOICE_REPORT_HOUR is no hour of the day.", hint=hint, id="voice.W022"))
    return found


@register()
def chat_address_is_one(app_configs, **_):
    """Alerts go on by e-mail, in the admin and in the log; in the chat nobody hears of them."""
    if not settings.ALERT_CHAT_URL:
        return []
    try:
        address = urlsplit(settings.ALERT_CHAT_URL)
        good = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        good = False
    if good and not re.search(r"[\s\x00-\x1f]", settings.ALERT_CHAT_URL):
        return []
    hint = "Set it to the whole address of the incoming webhook, beginning with https://."
    return [Warning("ALERT_CHAT_URL is no address: alerts do not reach the chat.", hint=hint, id="voice.W020")]


@register(deploy=True)
def languages_model_is_whole(app_configs, **_):
    given = [bool(settings.LLM_BASE_URL), bool(settings.LLM_MODEL)]
    if any(given) and not all(given):
        hint = "Set LLM_BASE_URL and LLM_MODEL both, or neither."
        return [
            Warning(
                "Typed answers are not written by a model: half of its settings are missing.",
                hint=hint,
                id="voice.W005",
            )
        ]
    return []
