"""How calls were begun on a day, as pages told it, and who saw that they might."""

from voice.figures import errors
from voice.figures.ways import way
from voice.models import Attempt, Visit
from voice.models.figures import Channel

CANCELLED = "cancelled"  # by their own wish


def _attempts(tallies, first, last):
    rows = Attempt.objects.filter(at__gte=first, at__lt=last)
    judged = set(rows.judged().values_list("pk", flat=True))
    for attempt in rows.iterator():
        tally = tallies[attempt.persona_id, way(attempt.kind, False, "")]
        counts, moments = tally.counts, attempt.milliseconds
        counts["pressed"] += not attempt.resumed
        counts["allowed"] += "allowed" in moments and not attempt.resumed
        counts["starts"] += attempt.pk in judged
        if attempt.outcome != Attempt.LIVE:
            counts["starts-failed"] += attempt.pk in judged
            if attempt.outcome != CANCELLED:
                tally.named("errors", errors.of_start(attempt))
        counts["answered"] += bool(attempt.answers) and not attempt.resumed
        if "connected" in moments:
            tally.took("connected", moments["connected"] - moments.get("allowed", 0))
        if "sound" in moments:
            tally.took("sound", moments["sound"] - moments.get("allowed", 0))
        for sound, answer in attempt.answers:
            tally.took("first-words", sound)
            tally.took("answer", answer)


def _visits(tallies, first, last):
    for persona in Visit.objects.filter(day=first.date()).values_list("persona_id", flat=True).iterator():
        tallies[persona, Channel.BROWSER].counts["offered"] += 1


PARTS = (_attempts, _visits)
