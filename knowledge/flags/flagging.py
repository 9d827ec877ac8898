"""Flags: raised when a document is read, decided by a person.

What speaks to the model, or cannot be seen, is withheld from the moment its document is ready: it stands in passages of
its own, and ``Passage.objects.known_to`` leaves those out. A decision belongs to the words: it holds again when they
are read again, in the same document or in the one that replaced it.
"""

import hashlib
from dataclasses import replace

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from knowledge import caching, speech, splitting
from knowledge.flags import probe, suspicion
from knowledge.language import terms, tongues
from knowledge.language.stopwords import WORDS
from knowledge.models import Document, Flag, Library

FEWEST_LETTERS = 12  # hidden text shorter than this is a stray mark
UNSEEN_SCORE = 0.9  # of text that a reader does not see, whatever it says

LIKELY = tuple(dict.fromkeys(["en", *sorted(WORDS)]))  # languages that a sentence may be in, the model's own first

UPHOLD, DISMISS, REOPEN = "uphold", "dismiss", "reopen"
DECISIONS = {
    UPHOLD: (Flag.Status.UPHELD, Flag.Remedy.NONE),
    DISMISS: (Flag.Status.DISMISSED, Flag.Remedy.NONE),
    REOPEN: (Flag.Status.OPEN, Flag.Remedy.NONE),
    **{remedy.value: (Flag.Status.UPHELD, remedy) for remedy in Flag.Remedy if remedy},
}


class Impossible(Exception):
    """This cannot be decided about this flag."""


def suspect(found, language):
    """The flags of a Reading, not kept yet: what a reader does not see of it, and what speaks to a model. A title from
    the file that does is taken off the Reading."""
    flags = [flag for hidden in found.hidden for flag in _unseen(hidden, language)]
    unseen = [(flag.start, flag.end) for flag in flags if flag.start is not None]
    for one in suspicion.find(found.text, language):
        if not any(start < one.end and one.start < end for start, end in unseen):
            flags.append(_seen(one, found))
    if found.title and suspicion.judge(found.title)[0] >= suspicion.ENOUGH:
        reason = gettext("The title that the file gives itself speaks to a model. It was not taken.")
        flags.append(_flag(Flag.Kind.HIDDEN, found.title, reason, 1.0))
        found.title = ""
    return list({flag.fingerprint: flag for flag in flags}.values())


def suspect_again(document, language):
    """The suspicions of a document that is ready: what its text says, beside what was found when it was read."""
    flags = list(document.flags.filter(kind__in=Flag.SUSPICIONS))
    for flag in flags:
        flag.pk = None
        flag._state.adding = True
    taken = [(flag.start, flag.end) for flag in flags if flag.start is not None]
    for one in suspicion.find(document.text, language):
        if not any(start < one.end and one.start < end for start, end in taken):
            flags.append(_seen(one, document))
    return flags


def suspect_by_meaning(found, passages, made, known, language):
    """The flags of English sentences whose vectors lean towards attacks, besides the ``known`` ones. ``made`` is what
    ``vectors.make`` gave; only the built-in model's vectors lean. It learned English: what it does not understand leans
    anywhere, as "Die Fähre fährt um neun Uhr zur Insel" did, whatever the persona's language."""
    spans = [(one.start + start, one.start + end) for one in passages for start, end in one.sentences]
    pairs = made.get(probe.engine())
    if not pairs or not spans:
        return []
    inner = np.frombuffer(b"".join(sentences for _, sentences in pairs), np.float16).reshape(len(spans), -1)
    scored = dict(zip(spans, probe.score(probe.engine(), inner).tolist(), strict=True))
    taken = [(flag.start, flag.end) for flag in known if flag.start is not None]
    return [
        _seen(one, found)
        for one in suspicion.find_by_meaning(found.text, language, scored)
        if tongues.choose(found.text[one.start : one.end], LIKELY) == LIKELY[0]
        and not any(start < one.end and one.start < end for start, end in taken)
    ]


def set_apart(found, flags):
    """The sections of a Reading with every suspected stretch as one of its own, and no suspected heading over any."""
    text = found.text
    sections = [splitting.Section(*section) for section in found.sections or [[0, len(text), ""]]]
    spans = [(flag.start, flag.end) for flag in flags if flag.start is not None]
    if not spans:
        return sections
    said = [" ".join(text[start:end].split())[:100] for start, end in spans]
    named = []
    for section in sections:
        parts = [part for part in section.heading.split(" › ") if not any(one in part for one in said)]
        named.append(replace(section, heading=" › ".join(parts)))
    return splitting.set_apart(named, spans)


def keep(document, flags):
    """A document's suspicions are these now. To be called in the transaction that makes it ready, so that nothing
    answers before it is withheld."""
    prints = [flag.fingerprint for flag in flags]
    decided = {
        flag.fingerprint: flag
        for flag in Flag.objects.filter(persona=document.persona_id, kind__in=Flag.SUSPICIONS, fingerprint__in=prints)
        .exclude(status=Flag.Status.OPEN)
        .order_by("decided_at")
    }
    document.flags.filter(kind__in=Flag.SUSPICIONS).delete()
    for flag in flags:
        flag.document, flag.persona_id = document, document.persona_id
        before = decided.get(flag.fingerprint)
        if before is not None:
            flag.status, flag.decided_by_id, flag.decided_at = before.status, before.decided_by_id, before.decided_at
    Flag.objects.bulk_create(flags, batch_size=200)


def keep_pairs(document, flags):
    """A document's pairs with others are these now; what was decided about the same words stays decided. To be called in
    the transaction that makes it ready."""
    for flag in flags:
        flag.persona_id = document.persona_id
        flag.fingerprint = fingerprint(flag.kind, flag.quote, flag.other_quote)
    pairs = Flag.objects.filter(persona=document.persona_id).exclude(kind__in=Flag.SUSPICIONS)
    decided = {
        flag.fingerprint: flag
        for flag in pairs.filter(fingerprint__in=[flag.fingerprint for flag in flags])
        .exclude(status=Flag.Status.OPEN)
        .order_by("decided_at")
    }
    for flag in flags:
        before = decided.get(flag.fingerprint)
        if before is not None and (
            before.status == Flag.Status.DISMISSED
            or (before.document_id, before.other_id) == (flag.document_id, flag.other_id)
        ):
            flag.status, flag.remedy = before.status, before.remedy
            flag.decided_by_id, flag.decided_at = before.decided_by_id, before.decided_at
    own = pairs.filter(document=document) | pairs.filter(other=document)
    own.exclude(remedy__in=[Flag.Remedy.RETIRE, Flag.Remedy.RETIRE_OTHER]).delete()
    Flag.objects.bulk_create(list({flag.fingerprint: flag for flag in flags}.values()), batch_size=200)


def decide(flag, decision, user=None):
    """Carry out what a person decided about a flag: one of DECISIONS. From the commit on the persona answers by it.

    Raises Impossible for what cannot be decided about a flag of its kind.
    """
    status, remedy = DECISIONS.get(decision, (None, None))
    pair_only, single_only = bool(remedy), decision == UPHOLD
    if status is None or (pair_only and flag.is_suspicion) or (single_only and not flag.is_suspicion):
        raise Impossible(gettext("“{decision}” cannot be decided about this flag.").format(decision=decision))
    with caching.changing(flag.persona_id), transaction.atomic():
        _undo(flag)
        flag.status, flag.remedy = status, remedy
        flag.decided_by = user if status != Flag.Status.OPEN else None
        flag.decided_at = timezone.now() if status != Flag.Status.OPEN else None
        flag.save(update_fields=["status", "remedy", "decided_by", "decided_at"])
        if remedy == Flag.Remedy.RETIRE:
            retire(flag.document, flag.other)
        elif remedy == Flag.Remedy.RETIRE_OTHER:
            retire(flag.other, flag.document)
        Library.objects.moved(flag.persona_id)


def retire(document, successor):
    """From now on the successor answers in the document's place. One that was retired for this document answers again:
    otherwise neither would."""
    place, seen = successor, set()
    while place is not None and place.pk not in seen:
        seen.add(place.pk)
        if place.superseded_by_id == document.pk:
            Document.objects.filter(pk=place.pk).update(superseded_by=None)
            break
        place = place.superseded_by
    document.superseded_by = successor
    document.save(update_fields=["superseded_by"])


def fingerprint(*quotes):
    """What the same words have in common wherever they stand: case, accents, spaces and order aside."""
    plain = sorted(" ".join(terms.fold(quote).split()) for quote in quotes)
    return hashlib.sha256("\n\n".join(plain).encode("utf-8", "surrogatepass")).hexdigest()


def _undo(flag):
    """Take back what was decided about a pair before."""
    if flag.remedy in (Flag.Remedy.RETIRE, Flag.Remedy.RETIRE_OTHER):
        older, newer = (flag.document, flag.other)[:: 1 if flag.remedy == Flag.Remedy.RETIRE else -1]
        Document.objects.filter(pk=older.pk, superseded_by=newer).update(superseded_by=None)


def _unseen(hidden, language):
    """The flags of something hidden. What stands in the text is always one; what was left out, when it says something
    to a model, or was hidden in a way no honest document has."""
    reason = gettext("It is {how}, so a reader does not see it.").format(how=hidden.how)
    score, names = suspicion.judge(hidden.text)
    if hidden.ordinary:
        speaking = suspicion.find(speech.remove_hidden(hidden.text), language, suspicion.ENOUGH_UNSEEN)
        reason = (
            gettext("It stands {how}, where a reader does not see it.").format(how=hidden.how)
            if hidden.how.startswith("in ")
            else reason
        )
        return [
            _flag(Flag.Kind.HIDDEN, hidden.text[one.start : one.end], f"{reason} {one.explain()}", one.score)
            for one in speaking
        ]
    if sum(map(str.isalnum, hidden.text)) < FEWEST_LETTERS:
        return []
    if names:
        reason += f" {suspicion.Suspicion(0, 0, score, names).explain()}"
    place = {"start": hidden.start, "end": hidden.end, "page": hidden.page}
    return [_flag(Flag.Kind.HIDDEN, hidden.text, reason, max(score, UNSEEN_SCORE), **place)]


def _seen(one, found):
    page = splitting.find_page(found.page_starts, one.start)
    quote = found.text[one.start : one.end]
    return _flag(Flag.Kind.INSTRUCTION, quote, one.explain(), one.score, start=one.start, end=one.end, page=page)


def _flag(kind, quote, reason, score, **place):
    return Flag(kind=kind, quote=quote, reason=reason, score=score, fingerprint=fingerprint(kind, quote), **place)
