"""manage.py backup: the whole installation into a folder, while the site serves."""

from django.core.management.base import BaseCommand, CommandError

from voice import saving


class Command(BaseCommand):
    help = (
        "Make a backup of the database and of all files in a new folder in TO. The site may go on serving. .env is not in "
        "it: keep that apart. Hashes of passwords and secrets of second factors are."
    )

    def add_arguments(self, parser):
        parser.add_argument("to", metavar="TO", help="the folder that holds the backups")
        parser.add_argument("--keep", type=int, metavar="N", help="afterwards remove all but the newest N")
        parser.add_argument(
            "--leave-files",
            action="store_true",
            help="only list the files, for a bucket that has copies of its own",
        )

    def handle(self, *, to, keep, leave_files, **_):
        if keep is not None and keep < 1:
            raise CommandError("--keep must be at least 1: the one that is being made.")
        try:
            place, made = saving.take(to, keep=keep, leave_files=leave_files)
        except saving.NotSaved as refusal:
            raise CommandError(f"No backup was made. {refusal}") from refusal
        weight = (made.database.bytes + (0 if leave_files else sum(part.bytes for part in made.files))) / 2**20
        self.stdout.write(f"{place}: {sum(made.rows.values())} rows, {len(made.files)} files, {weight:.1f} MB.")
        if made.missing:
            self.stdout.write(
                f"{len(made.missing)} files that rows name were not in the storage: {', '.join(made.missing[:5])}. "
                "All others are saved."
            )
        self.stdout.write(
            "Not in it: .env, with SECRET_KEY. Keep a copy of that elsewhere. In it: what was said, hashes of passwords, secrets "
            "of second factors. Keep it from other people."
        )
