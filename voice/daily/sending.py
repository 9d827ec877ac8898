"""When the daily report is due, and that it goes out once: whatever beat does, however many workers run."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from voice.daily import letter
from voice.models import DailyReport

logger = logging.getLogger(__name__)
CLAIM_LASTS = timedelta(minutes=15)  # sending takes seconds; whoever has not said so by then was killed


def send_due(now=None):
    """Send yesterday's report when its hour has come and nobody has. Whether it was sent. What could not be sent is due again
    with the next beat; one whose worker died while sending, after CLAIM_LASTS."""
    now = timezone.localtime(now)
    day = now.date() - timedelta(days=1)
    if not settings.VOICE_REPORT_TO or not settings.EMAIL_URL or now.hour < settings.VOICE_REPORT_HOUR:
        return False
    if DailyReport.objects.filter(day=day).exists() and not _given_up(day, now).exists():
        return False
    message = letter.write(day, settings.VOICE_REPORT_TO)
    claim = _claim(day, now)
    return claim is not None and _send(message, claim)


def _given_up(day, now):
    return DailyReport.objects.filter(day=day, sent_at=None, claimed_at__lt=now - CLAIM_LASTS)


def _claim(day, now):
    """The row of who sends, or None: another worker does."""
    if _given_up(day, now).update(claimed_at=now):
        return DailyReport.objects.get(day=day)
    try:
        with transaction.atomic():
            return DailyReport.objects.create(day=day, claimed_at=now)
    except IntegrityError:
        return None


def _send(message, claim):
    try:
        message.send()
    except (SMTPException, OSError, ValueError) as fault:  # ValueError: a header or address
        claim.delete()
        logger.error("the daily report of %s could not be sent: %s", claim.day, type(fault).__name__)
        return False
    except Exception:
        claim.delete()
        raise
    DailyReport.objects.filter(pk=claim.pk).update(sent_at=timezone.now())
    return True
