"""manage.py ask_golden_questions: how personas stand now, for a terminal or a build."""

from django.core.management.base import BaseCommand, CommandError

from knowledge import golden
from knowledge.management.commands.ask import unknown
from knowledge.models import GoldenQuestion, GoldenRun
from personas.models import Persona


class Command(BaseCommand):
    help = (
        "Asks the golden questions of the personas named, or of all that have some, and shows which fail. Ends with an "
        "error when a run is worse than the last accepted one."
    )

    def add_arguments(self, parser):
        parser.add_argument("slugs", nargs="*", metavar="SLUG", help="The last part of a persona's address.")

    def handle(self, slugs, **options):
        worse = [persona.name for persona in _personas(slugs) if not self.ask(persona)]
        if worse:
            raise CommandError(
                f"Worse than before: {', '.join(worse)}. Put the documents right, or accept the run in the admin with a "
                "reason."
            )

    def ask(self, persona):
        """Whether the persona's run is accepted."""
        made = golden.run(persona, GoldenRun.Cause.DEMAND)
        if made is None:
            self.stdout.write(f"{persona.name}: no golden questions.")
            return True
        self.stdout.write(f"{persona.name}: {made.passed} of {made.asked} pass.")
        before = golden.last_accepted(persona, made)
        worse = {one["key"] for one in golden.compare(made, before).worse}
        for one in made.outcomes:
            if not one["passed"]:
                mark = "WORSE " if one["key"] in worse else ""
                self.stdout.write(f"  {mark}{one['question']}  {one['why']}")
        return made.is_accepted


def _personas(slugs):
    if not slugs:
        asked = GoldenQuestion.objects.filter(active=True).values("persona")
        return list(Persona.objects.filter(pk__in=asked).order_by("slug"))
    known = {persona.slug: persona for persona in Persona.objects.filter(slug__in=slugs)}
    missing = next((slug for slug in slugs if slug not in known), None)
    if missing is not None:
        raise CommandError(unknown(missing))
    return [known[slug] for slug in slugs]
