"""What was asked on a day: by agents of us, and by people; what was found, and where."""

from knowledge.models import Asked, Cited
from voice.figures import errors
from voice.figures.ways import of_threads, way
from voice.models import ToolCall
from voice.models.figures import Channel


def _lookups(tallies, first, last):
    rows = ToolCall.objects.filter(at__gte=first, at__lt=last, persona__isnull=False)
    thread = "session__conversation__"
    fields = (
        "persona_id", f"{thread}kind", f"{thread}elsewhere", "session__channel", "outcome", "cached", "milliseconds", "reason",
    )  # fmt: skip
    for persona, kind, elsewhere, channel, *told in rows.values_list(*fields).iterator():
        _lookup(tallies[persona, way(kind, elsewhere, channel)], *told)


def _lookup(tally, outcome, cached, milliseconds, reason):
    tally.counts[f"lookups-{outcome}"] += 1
    tally.counts["lookups-cached"] += cached
    if "total" in milliseconds and outcome not in (ToolCall.Outcome.REFUSED, ToolCall.Outcome.LIMITED):
        tally.took("lookup", milliseconds["total"])
    if outcome in errors.LOOKUPS:
        tally.named("errors", errors.of_lookup(outcome, reason))


def _questions(tallies, first, last):
    """What was asked, what in vain, and which documents were cited. The diary knows typed and spoken only: whose thread it
    was, and whether by phone, the thread says."""
    ways = of_threads(first, last)
    asked = Asked.objects.filter(at__gte=first, at__lt=last)
    fields = ("persona_id", "channel", "thread", "question", "found")
    for persona, channel, thread, question, found in asked.values_list(*fields).iterator():
        tally = tallies[persona, _way(ways, channel, thread)]
        words = " ".join(question.split())[:200]
        tally.counts["asked"] += 1
        tally.counts["unanswered"] += not found
        tally.named("questions", words)
        if not found:
            tally.named("unanswered", words)
    cited = Cited.objects.filter(asked__at__gte=first, asked__at__lt=last)
    fields = ("asked__persona_id", "asked__channel", "asked__thread", "document_id", "asked_id")
    for persona, channel, thread, document, _asked in set(cited.values_list(*fields)):
        tallies[persona, _way(ways, channel, thread)].named("documents", str(document))


def _way(ways, channel, thread):
    """A thread may have been typed in before somebody phoned."""
    page = Channel.TYPED if channel == Asked.Channel.TYPED else Channel.BROWSER
    known = ways.get(thread, page)
    return page if known == Channel.PHONE and page == Channel.TYPED else known


PARTS = (_lookups, _questions)
