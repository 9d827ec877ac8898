"""Give a persona documents from the command line."""

import os
import sys
from pathlib import Path

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from knowledge import claims, ingestion
from knowledge.management.commands.ask import unknown
from knowledge.models import Address
from knowledge.reading import UnreadableDocument
from personas.models import Persona


class Command(BaseCommand):
    help = "Reads files and web addresses into a persona's knowledge, here and now. One that is refused keeps no other back."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="The last part of the persona's address.")
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="A file, or a web address that begins with https://."
        )
        parser.add_argument("--title", default="", help="As it stands on citations; only with a single file.")
        parser.add_argument(
            "--every", default="never", choices=Address.Every.values, help="How often to fetch web addresses again."
        )

    def handle(self, slug, files, title="", every="never", **options):
        persona = Persona.objects.filter(slug=slug).first()
        if persona is None:
            raise CommandError(unknown(slug))
        if title and len(files) > 1:
            raise CommandError("A title fits one file. Give the files one at a time, or leave the title out.")
        refused = 0
        for path in tqdm(files, unit="file", file=sys.stderr, disable=len(files) == 1 and not sys.stderr.isatty()):
            try:
                document = read(persona, path, title, every)
            except (UnreadableDocument, ingestion.NotStored, claims.Taken, OSError) as problem:
                refused += 1
                tqdm.write(f"{path}: {_say(problem)}", file=sys.stderr)
            except ingestion.AlreadyKnown as known:
                tqdm.write(f"{path}: {known}", file=self.stdout)
            else:
                tqdm.write(f"{path}: “{document.title}”, {describe(document)}", file=self.stdout)
        ingestion.warm(persona)
        if refused:
            raise CommandError(f"{refused} of {len(files)} could not be read; the sentences above say why.")


def read(persona, path, title="", every="never"):
    """The ready Document of one file or web address. Raises what receiving and ingesting raise."""
    if "://" in str(path):
        document = ingestion.receive(persona, title, address=path, every=every)
    else:
        with open(path, "rb") as file:
            document = ingestion.receive(persona, title, file=File(file, name=Path(path).name))
    return ingestion.ingest(document, threads=os.cpu_count() or 1)


def describe(document):
    """What became of a document, in a few words."""
    count = document.passages.count()
    said = f"{count} passage{'' if count == 1 else 's'}"
    if document.pages:
        said += f" from {document.pages} page{'' if document.pages == 1 else 's'}"
    if not document.passages.exclude(vectors=None).exists():
        said += ", found by words alone for now"
    return f"{said}. {document.warning}".strip()


def _say(problem):
    if isinstance(problem, OSError):
        return f"{problem.strerror or problem}."
    return str(problem)
