"""Check what personas know already for words to a model, superseded and contradicting passages."""

import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from knowledge import caching
from knowledge.flags import comparing, flagging
from knowledge.management.commands.ask import unknown
from knowledge.models import Document, Flag, Library
from personas.models import Persona


class Command(BaseCommand):
    help = (
        "Checks documents that were read before the rules of today, and flags what should be looked at. What was decided "
        "stays decided. Text that cannot be seen is found only when a document is read again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--persona", metavar="SLUG", help="Only this one.")

    def handle(self, persona=None, **options):
        if persona and not Persona.objects.filter(slug=persona).exists():
            raise CommandError(unknown(persona))
        documents = Document.objects.ready().select_related("persona").order_by("created_at")
        if persona:
            documents = documents.filter(persona__slug=persona)
        for document in tqdm(list(documents), unit="document", file=sys.stderr, disable=not sys.stderr.isatty()):
            check(document)
        flags = Flag.objects.open().filter(document__in=documents)
        self.stdout.write(f"{documents.count()} documents checked, {flags.count()} flags wait for a decision.")


def check(document):
    """Bring a document's flags up to date, in one transaction."""
    language, passages = document.persona.language, list(document.passages.order_by("position"))
    places = comparing.read(passages, language)
    suspected = flagging.suspect_again(document, language)
    with caching.changing(document.persona_id), transaction.atomic():
        Library.objects.lock(document.persona_id)
        flagging.keep(document, suspected)
        flagging.keep_pairs(document, comparing.find(document, places, language))
        Library.objects.moved(document.persona_id)
