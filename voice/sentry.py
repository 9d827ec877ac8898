"""Faults to Sentry. Loaded when SENTRY_DSN is set and at no other time.

What leaves is made here, word by word, from what Sentry gathered: which fault, where in our code, at which door, in which
conversation. No words of an exception or a log line's details (they may be what somebody asked), no values of variables, no
request but its method and the door as it is drawn, no cookies, no breadcrumbs; and nothing is sent along to ElevenLabs.
"""

import logging

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from knowledge import telemetry, tracks

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "sdk")
OF_A_FRAME = ("filename", "abs_path", "module", "function", "lineno", "in_app", "pre_context", "context_line", "post_context")  # fmt: skip
PLAIN = ("voice", "knowledge", "personas", "config", "django", "celery")  # whose log lines keep details apart
LEFT_OUT = "(left out: it may be what somebody said)"


def begin():
    """Send this process's faults from now on."""
    sentry_sdk.init(
        settings.SENTRY_DSN,
        before_send=select,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        propagate_traces=False,
        trace_propagation_targets=[],
        auto_session_tracking=False,
        send_client_reports=False,
        enable_metrics=False,
        spotlight=False,
        default_integrations=False,  # among them are such as read what is asked of Redis and of language models
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(signals_spans=False),
            CeleryIntegration(propagate_traces=False),
            LoggingIntegration(level=None, event_level=logging.ERROR),
            AtexitIntegration(callback=lambda *_: None),
            DedupeIntegration(),
            ExcepthookIntegration(),
        ],
    )
    telemetry.watching.faults = sentry_sdk.capture_exception


def select(event, hint):
    """Of an event, what may leave: a new one, so that what a later version gathers stays here, too."""
    told = {name: event[name] for name in KEPT if name in event}
    if faults := event.get("exception", {}).get("values"):
        told["exception"] = {"values": [_fault(one) for one in faults]}
    if line := event.get("logentry"):
        is_plain = event.get("logger", "").partition(".")[0] in PLAIN
        told["logentry"] = {"message": line.get("message", "") if is_plain else LEFT_OUT}
    if event.get("transaction_info", {}).get("source") in ("route", "task"):  # else it may be what was asked for
        told["transaction"] = event.get("transaction")
    told["tags"] = {"conversation": tracks.followed()} if tracks.followed() else {}
    if method := event.get("request", {}).get("method"):
        told["tags"]["method"] = method
    return told


def _fault(fault):
    frames = (fault.get("stacktrace") or {}).get("frames") or []
    return {
        "type": fault.get("type"),
        "module": fault.get("module"),
        "value": LEFT_OUT,
        "mechanism": {name: fault["mechanism"][name] for name in ("type", "handled") if name in fault["mechanism"]}
        if fault.get("mechanism")
        else None,
        "stacktrace": {"frames": [{name: one[name] for name in OF_A_FRAME if name in one} for one in frames]},
    }
