"""A persona into a file, from the command line."""

import os
import tempfile
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from knowledge import archives
from knowledge.management.commands.ask import unknown
from personas.models import Persona


class Command(BaseCommand):
    help = (
        "Writes a persona with its documents into one file, for import_persona. The same persona gives the same file."
    )

    def add_arguments(self, parser):
        parser.add_argument("slug", help="The last part of the persona's address.")
        parser.add_argument(
            "file", help="Where to write it; a file that is there is replaced once the new one is whole."
        )

    def handle(self, slug, file, **options):
        persona = Persona.objects.filter(slug=slug).first()
        if persona is None:
            raise CommandError(unknown(slug))
        path = Path(file)
        try:
            write(persona, path)
        except archives.CannotBePacked as refusal:
            raise CommandError(f"Nothing was written. {refusal}") from refusal
        except OSError as problem:
            raise CommandError(f"{path} cannot be written: {problem.strerror or problem}.") from problem
        self.stdout.write(f"{persona.name}: {path}, {path.stat().st_size} bytes.")


def write(persona, path):
    """All of the file or nothing: it is written beside its place, then put there."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
        try:
            archives.pack(persona, beside)
            beside.flush()
            os.replace(beside.name, path)
        except BaseException:
            os.unlink(beside.name)
            raise
