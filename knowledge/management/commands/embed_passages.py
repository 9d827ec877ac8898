"""Make the vectors that are missing, here and now."""

import os
import sys

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from knowledge import changeovers, embeddings, vectors
from knowledge.management.commands.ask import unknown
from knowledge.models import Library
from personas.models import Persona


class Command(BaseCommand):
    help = (
        "Embeds every passage that has no vectors of the engine in use, and changes each persona over to them when it has "
        "all. The worker does the same by and by. It can be interrupted and started again: what is made stays."
    )

    def add_arguments(self, parser):
        parser.add_argument("--persona", metavar="SLUG", default="", help="The last part of the persona's address.")
        parser.add_argument(
            "--engine", metavar="ID", default="", help="Only personas whom this engine's vectors answer."
        )

    def handle(self, persona="", engine="", **options):
        personas = choose(persona, engine)
        wanted = embeddings.configured()
        total = sum(vectors.lacking(one, wanted).count() for one in personas)
        behind = 0
        with tqdm(total=total, unit="passage", file=sys.stderr, disable=not total) as progress:
            for one in personas:
                progress.set_description(one.slug[:24], refresh=False)
                behind += not self.carry_on(one, progress.update)
        if behind:
            raise CommandError("Not all could be done; the sentences above say why. The old vectors answer until then.")
        self.stdout.write(f"{len(personas)} persona{'' if len(personas) == 1 else 's'} answered by {wanted.id}.")

    def carry_on(self, persona, advance):
        """Whether the persona is through."""
        try:
            return changeovers.carry_on(persona, threads=os.cpu_count() or 1, advance=advance)
        except (embeddings.EmbeddingFailed, changeovers.Taken) as problem:
            tqdm.write(f"{persona.slug}: {problem}", file=sys.stderr)
            return False


def choose(slug, engine):
    """The personas to be done, by name. Raises CommandError when there is none."""
    found = Persona.objects.filter(slug=slug) if slug else Persona.objects.filter(documents__isnull=False).distinct()
    if slug and not found:
        raise CommandError(unknown(slug))
    if not engine:
        return list(found)
    known = sorted(set(Library.objects.exclude(engine="").values_list("engine", flat=True)))
    if engine not in known:
        raise CommandError(f"No persona is answered by {engine}. There are: {', '.join(known) or 'none'}.")
    return list(found.filter(library__engine=engine))
