"""manage.py daily_report: the daily report, now."""

from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from voice.daily import letter


class Command(BaseCommand):
    help = (
        "Send yesterday's figures to VOICE_REPORT_TO now, or print them. The one that is sent by itself every day is sent all "
        "the same."
    )

    def add_arguments(self, parser):
        parser.add_argument("--day", metavar="DAY", help="another day than yesterday, as 2026-11-24")
        parser.add_argument("--to", metavar="ADDRESS", action="append", help="another address; may be repeated")
        parser.add_argument("--print", action="store_true", dest="printed", help="print the text, send nothing")

    def handle(self, *, day, to, printed, **_):
        to = to or settings.VOICE_REPORT_TO
        message = letter.write(self._day(day), to)
        if printed:
            self.stdout.write(message.body)
            return
        if not to or not settings.EMAIL_URL:
            raise CommandError("Set VOICE_REPORT_TO (or give --to) and EMAIL_URL, or look at it with --print.")
        try:
            message.send()
        except (SMTPException, OSError, ValueError) as fault:
            raise CommandError(f"It could not be sent: {fault} Check EMAIL_URL.") from fault
        self.stdout.write(f"Sent to {', '.join(to)}.")

    def _day(self, told):
        if told is None:
            return timezone.localdate() - timedelta(days=1)
        try:
            day = parse_date(told)
        except ValueError:
            day = None
        if day is None or day > timezone.localdate():
            raise CommandError(f"{told} is no day that has been. Write it as 2026-11-24.")
        return day
