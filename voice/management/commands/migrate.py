"""manage.py migrate: Django's own, alone and without holding up the site (voice.schema)."""

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from voice import schema


class Command(migrate.Command):
    def handle(self, *args, **options):
        database, say = options["database"], self.stdout.write
        try:
            with schema.alone(database, say):
                schema.patiently(database, lambda: super(Command, self).handle(*args, **options), say)
        except schema.InUse as fault:
            raise CommandError(
                "A table stayed in use, and nobody was to be held up. Something has had it open for minutes: look for it with "  # noqa: S608  a sentence for people
                "SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start, and do this again when it is over. "
                f"What was applied stays. ({fault})"
            ) from fault
