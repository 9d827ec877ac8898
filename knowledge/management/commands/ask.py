"""Ask a persona from the command line."""

from django.core.management.base import BaseCommand, CommandError

from knowledge import answering
from personas.models import Persona


class Command(BaseCommand):
    help = "Asks a persona a question and shows the answer, where it stands, and which passages were found."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="The last part of the persona's address.")
        parser.add_argument("question")

    def handle(self, slug, question, **options):
        persona = Persona.objects.filter(slug=slug).first()
        if persona is None:
            raise CommandError(unknown(slug))
        if not answering.clean(question):
            raise CommandError("Ask something: the question is empty.")
        trial = answering.look_up(persona, question)
        self.stdout.write(trial.answer.content)
        if trial.answer.reason:
            self.stdout.write(f"({trial.answer.reason})")
        for citation in trial.answer.citations:
            self.stdout.write(f"\n  {place(citation)}\n  “{' '.join(citation.quote.split())}”")
        self.stdout.write("\nPassages, best first:")
        for match in trial.search.matches:
            parts = ", ".join(f"{name} {value:.2f}" for name, value in match.parts.items())
            self.stdout.write(f"  {match.score:.3f}  {match.title}, passage {match.passage_id} ({parts})")
        stages = ", ".join(f"{stage} {time:.1f}" for stage, time in trial.answer.milliseconds.items())
        self.stdout.write(f"\nMilliseconds: {stages}")


def unknown(slug):
    """A sentence for a slug that no persona has, with the ones that exist."""
    slugs = ", ".join(Persona.objects.order_by("slug").values_list("slug", flat=True)[:20])
    return f"There is no persona “{slug}”. " + (f"There are: {slugs}." if slugs else "Make one in the admin first.")


def place(citation):
    """Document, page and heading of a citation in one line."""
    page = f"page {citation.page}" if citation.page else ""
    return " · ".join(part for part in (citation.document, page, citation.heading) if part)
