"""What staff must be told: begun once, told once, over once.

Whoever watches something says how it stands, as often as it likes: ``settle("drift", words)`` while it is wrong,
``settle("drift", "")`` when it is well again. The first begins an alert and the second ends it; ``tell()`` sends one
e-mail for each. A new kind of alert is a line in ``Alert.Kind`` and a check in `voice.watch`.
"""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from voice.models import Alert

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
        try:
            _tell(alert)
        except (SMTPException, OSError) as fault:
            rows.update(**{field: None})
            logger.error("the alert %r could not be sent: %s", str(alert), type(fault).__name__)


def _tell(alert):
    over = alert.over_at is not None
    logger.log(logging.INFO if over else logging.ERROR, "alert %s: %s", "over" if over else "begun", alert)
    if not (settings.ALERT_EMAILS and settings.EMAIL_URL):
        return
    subject = f"Over: {alert}" if over else str(alert)
    lasted = f"It began at {_clock(alert.since)} and was over at {_clock(alert.over_at)}.\n\nIt was: " if over else ""
    where = f"{settings.PUBLIC_URL}/admin/voice/alert/{alert.pk}/change/"
    send_mail(f"[Clone Advisor] {subject}", f"{lasted}{alert.words}\n\n{where}\n", None, settings.ALERT_EMAILS)


def _clock(moment):
    return f"{moment:%Y-%m-%d %H:%M} UTC"
