"""In which languages conversations of a day were held."""

from collections import defaultdict

from knowledge.language import tongues
from personas.models import Persona
from voice.figures.ways import way
from voice.models import Session, Turn
from voice.models.figures import Channel

ENOUGH = 300  # characters of what a visitor said tell its language
NAMED = "language-"  # a count's name begins with it, then comes the code


def _languages(tallies, first, last):
    """One count for each thread and channel, as conversations are counted: a call's language as reported, else as a
    visitor's words tell it among those of the persona."""
    known = {persona.pk: persona.languages for persona in Persona.objects.only("language", "extra_languages")}
    words, threads = defaultdict(str), {}
    rows = Turn.objects.filter(at__gte=first, at__lt=last)
    fields = ("conversation_id", "conversation__persona_id", "conversation__kind", "conversation__elsewhere",
              "session__channel", "channel")  # fmt: skip
    for thread, persona, kind, elsewhere, call, channel in rows.order_by().values_list(*fields).distinct().iterator():
        typed = Channel.TYPED if channel == Turn.Channel.TYPED else ""
        threads.setdefault((thread, persona, way(kind, elsewhere, call or typed)), bool(call))
    several = [pk for pk, languages in known.items() if len(languages) > 1]
    said = rows.filter(conversation__persona__in=several, speaker=Turn.Speaker.VISITOR).values_list(
        "conversation_id", "text"
    )
    for thread, text in said.iterator():
        if len(words[thread]) < ENOUGH:
            words[thread] += f" {text}"
    told = _reported(first, last)
    for (thread, persona, channel), called in threads.items():
        language = (called and told.get(thread)) or tongues.choose(words.get(thread, ""), known[persona])
        tallies[persona, channel].counts[f"{NAMED}{language}"] += 1


def _reported(first, last):
    """{thread: language} of the day's calls, of several in one thread the last one's."""
    calls = Session.objects.filter(started_at__gte=first, started_at__lt=last).exclude(language="")
    return dict(calls.order_by("started_at").values_list("conversation_id", "language"))


PARTS = (_languages,)
