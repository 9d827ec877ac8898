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


def send_due(now=None):
    """Send yesterday's report when its hour has come and nobody has. Whether it was sent. What could not be sent is due again
    with the next beat; one whose worker died while sending is not."""
    now = timezone.localtime(now)
    day = now.date() - timedelta(days=1)
    if not settings.VOICE_REPORT_TO or not settings.EMAIL_URL or now.hour < settings.VOICE_REPORT_HOUR:
        return False
    if DailyReport.objects.filter(day=day).exists():
        return False
    message = letter.write(day, settings.VOICE_REPORT_TO)
    try:
        with transaction.atomic():
            claim = DailyReport.objects.create(day=day)
    except IntegrityError:
        return False  # another worker is sending
    return _send(message, claim)


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
