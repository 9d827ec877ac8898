"""Load the personas and documents of the demo."""

import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from knowledge import claims, golden, ingestion
from knowledge.archives import contents
from knowledge.management.commands.ingest import read
from knowledge.models import GoldenQuestion, GoldenRun
from knowledge.reading import UnreadableDocument
from personas.models import Persona, StarterQuestion


class Command(BaseCommand):
    help = (
        "Makes the demo's personas, reads their documents and asks their golden questions. What is there already stays "
        "as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("--folder", default=str(settings.BASE_DIR / "demo"), help="Where personas.json lies.")

    def handle(self, folder, **options):
        folder = Path(folder)
        personas = described_in(folder / "personas.json")
        known = folder / "golden-questions.json"
        questions = {one["slug"]: one["questions"] for one in described_in(known)} if known.exists() else {}
        files = sum(len(one["documents"]) for one in personas)
        with tqdm(total=files, unit="document", file=sys.stderr, disable=not sys.stderr.isatty()) as progress:
            for described in personas:
                self.load(described, folder, progress)
                expect(described["slug"], questions.get(described["slug"], []))

    def load(self, described, folder, progress):
        """One persona with its documents; what exists is kept, what is missing is added."""
        persona, made = make(described)
        added = 0
        for document in described["documents"]:
            try:
                read(persona, folder / document["file"], document["title"])
                added += 1
            except (ingestion.AlreadyKnown, claims.Taken):
                pass  # it was loaded before, or a worker is at it: either way it is on its way
            except (UnreadableDocument, ingestion.NotStored, OSError) as problem:
                raise CommandError(f"{document['file']}: {problem}") from problem
            finally:
                progress.update()
        ingestion.warm(persona)
        if made or added:
            self.stdout.write(f"{persona.name}: {persona.passages.count()} passages from {added} documents.")
        else:
            self.stdout.write(f"{persona.name}: already there.")


def described_in(path):
    """The personas in one of the demo's files."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["personas"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CommandError(f"{path} cannot be read: {problem}") from problem


def expect(slug, questions):
    """Give a persona without golden questions these, and ask them once."""
    persona = Persona.objects.get(slug=slug)
    if not questions or persona.golden_questions.exists():
        return
    for position, one in enumerate(questions, 1):
        GoldenQuestion.objects.create(
            persona=persona,
            question=one["question"],
            earlier=one.get("earlier", []),
            document=one["document"] or "",
            answers=one.get("answers", []) if one["document"] else [],
            expects_nothing=one["document"] is None,
            position=position,
        )
    golden.run(persona, GoldenRun.Cause.CHANGE)


@transaction.atomic
def make(described):
    """(the persona, whether it is new)."""
    persona = Persona.objects.filter(slug=described["slug"]).first()
    if persona is not None:
        return persona, False
    fields = {field.name for field in contents.fields(Persona)} & set(described)
    try:
        persona = contents.build(Persona, {name: described[name] for name in fields}, f"“{described['slug']}”")
    except contents.DoesNotFit as refusal:
        raise CommandError(str(refusal)) from refusal
    persona.status = Persona.Status.PUBLISHED
    persona.save()
    for position, text in enumerate(described.get("starter_questions", [])):
        StarterQuestion.objects.create(persona=persona, text=text, position=position)
    return persona, True
