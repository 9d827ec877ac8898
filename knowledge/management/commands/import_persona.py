"""A persona from a file, from the command line."""

from django.core.management.base import BaseCommand, CommandError

from knowledge import archives, tasks


class Command(BaseCommand):
    help = (
        "Makes a draft persona from a file that export_persona wrote. Its documents wait for the worker to read them."
    )

    def add_arguments(self, parser):
        parser.add_argument("file")
        parser.add_argument(
            "--slug", default="", help="The address it is to have; without, its own or a free one like it."
        )

    def handle(self, file, slug="", **options):
        try:
            with open(file, "rb") as archive:
                persona = archives.unpack(archive, slug)
        except archives.BadArchive as refusal:
            raise CommandError(f"Nothing was imported. {refusal}") from refusal
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror or problem}.") from problem
        documents = list(persona.documents.waiting())
        for document in documents:
            tasks.start_reading(document.pk)
        self.stdout.write(
            f"{persona.name}: a draft at /chat/{persona.slug}/, {len(documents)} documents wait to be read."
        )
