"""What staff must be told: begun once, told once, over once.

Whoever watches something says how it stands, as often as it likes: ``settle("drift", words)`` while it is wrong,
``settle("drift", "")`` when it is well again. The first begins an alert and the second ends it; ``tell()`` sends one
letter for each, by e-mail and to a chat. A new kind of alert is a line in ``Alert.Kind`` and a check in `voice.watch`.
"""

import logging
from smtplib import SMTPException

import httpx
from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from voice.models import Alert

BROKEN = (("@", "@\u200b"), ("://", ":\u200b//"), ("](", "]\u200b("), ("www.", "www\u200b."))
logger = logging.getLogger(__name__)


def settle(kind, words, about=""):
    """Say how it stands: ``words`` while it is wrong, nothing when it is well. Safe to repeat and from two workers at once:
    there is never a second open alert of one kind about one thing."""
    rows = Alert.objects.open().filter(kind=kind, about=about)
    if not words:
        rows.update(over_at=timezone.now())
    elif not rows.update(words=words):
        try:
            with transaction.atomic():
                Alert.objects.create(kind=kind, about=about, words=words)
        except IntegrityError:
            logger.debug("another worker has just begun the alert %s", kind)


def tell():
    """Send what is due: one letter when an alert began, one when it is over, never one twice. A letter that could not be
    sent is due again; one whose worker died while sending is not."""
    for alert in Alert.objects.untold():
        field = "told_at" if alert.over_at is None else "over_told_at"
        rows = Alert.objects.filter(pk=alert.pk)
        if not rows.filter(**{field: None}).update(**{field: timezone.now()}):
            continue  # another worker is telling
        told_by = _tell(alert)
        if told_by:
            rows.update(told_by=told_by)
        else:
            rows.update(**{field: None})


def _tell(alert):
    """By which ways staff were told, in words; empty when there are ways and none worked, so that it is due again."""
    over = alert.over_at is not None
    logger.log(logging.INFO if over else logging.ERROR, "alert %s: %s", "over" if over else "begun", alert)
    subject = _("Over: {alert}").format(alert=alert) if over else str(alert)
    began, end = _clock(alert.since), over and _clock(alert.over_at)
    lasted = _("It began at {began} and was over at {end}.\n\nIt was: ").format(began=began, end=end) if over else ""
    text = f"{lasted}{alert.words}\n\n{settings.PUBLIC_URL}/admin/voice/alert/{alert.pk}/change/"
    told = {name: _send(name, send, alert, subject, text) for name, is_set, send in WAYS if is_set()}
    if not told:
        return "log"
    return ", ".join(name for name, worked in told.items() if worked)


def _send(name, send, alert, subject, text):
    try:
        send(subject, text)
    except (
        SMTPException,
        OSError,
        httpx.HTTPError,
        httpx.InvalidURL,
        ValueError,
    ) as fault:  # ValueError: a header or address
        logger.error("the alert %r could not be sent by %s: %s", str(alert), name, type(fault).__name__)
        return False
    return True


def _by_mail(subject, text):
    send_mail(f"[Clone Advisor] {' '.join(subject.split())}", f"{text}\n", None, settings.ALERT_EMAILS)


def _by_chat(subject, text):
    """As Slack, Mattermost and others take it: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
    What others wrote, a document's name for one, mentions nobody there and leads nowhere but here."""
    plain = f"{_harmless(subject)}\n{_harmless(text)}"
    httpx.post(settings.ALERT_CHAT_URL, json={"text": plain}, timeout=settings.EMAIL_TIMEOUT).raise_for_status()


def _harmless(text):
    """Slack reads three characters as markup; Mattermost mentions everybody at “@all” and makes links of addresses."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark, broken in BROKEN:
        plain = plain.replace(mark, broken)
    ours = settings.PUBLIC_URL.replace("://", BROKEN[1][1])
    return plain.replace(f"{ours}/", f"{settings.PUBLIC_URL}/")


WAYS = (
    ("e-mail", lambda: settings.ALERT_EMAILS and settings.EMAIL_URL, _by_mail),
    ("chat", lambda: settings.ALERT_CHAT_URL, _by_chat),
)


def _clock(moment):
    return f"{date_format(moment, 'DATETIME_FORMAT')} UTC"
