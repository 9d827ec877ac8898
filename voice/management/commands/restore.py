"""manage.py restore: a backup into the database and the storage that the settings name."""

from django.core.management.base import BaseCommand, CommandError

from voice import saving
from voice.saving import proving

NEXT = """Next:
  Start web, worker and clock.
  Agents: they still exist at ElevenLabs. `manage.py sync_agents --dry-run` shows what differs from this database,
  `manage.py sync_agents` puts it right, with --prune also what was made after the backup. Calls since then are fetched
  by themselves (RECONCILE_MINUTES).
  What people deleted after the backup is here again: delete it once more."""


class Command(BaseCommand):
    help = "Bring a backup back into the database and the storage that the settings name. Web, worker and clock must be stopped."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("backup", metavar="FROM", help="a backup: a folder that `manage.py backup` made")
        parser.add_argument("--replace", action="store_true", help="in the place of what is there, which is lost")

        parser.add_argument(
            "--trust",
            action="store_true",
            help="though it was made with another SECRET_KEY, or changed since: restore only what is your own, for a backup "
            "of somebody else's may run what it likes on the database server",
        )

    def handle(self, *, backup, replace, trust, **_):
        try:
            found = saving.bring(backup, replace=replace, trust=trust, say=self.stdout.write)
        except saving.NotRestored as refusal:
            raise CommandError(str(refusal)) from refusal
        wrong = proving.prove(found)
        for sentence in wrong:
            self.stdout.write(f"To mend: {sentence}")
        if not wrong:
            self.stdout.write("Checked: every row, every file, a search with every persona, the settings.")
        self.stdout.write(NEXT)
        if wrong:
            raise CommandError("Restored, with what is to be mended above.")
