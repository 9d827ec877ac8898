"""A document beside what its persona knows already: which documents it supersedes, and which sentences it contradicts.

The work is bounded: only sentences with a value or with a yes or no in them are compared, with those of the newest
MOST_PASSAGES passages, and of these only with the ones that share most words. What is found is flagged, never withheld:
which of two is wrong only a person knows. How far the rules can be trusted is said in ``differing``.
"""

import re
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from knowledge.flags import differing, figures
from knowledge.models import Document, Flag, Passage

MOST_PASSAGES = 4_000
MOST_CANDIDATES = 20  # sentences that one is compared with
MOST_FLAGS = 20  # contradictions of one document: with more of them something else is wrong
CHANGED, SHARED = 3, 0.5  # so many sentences changed, of documents that have so much in common: another edition
FAMILY_SHARED = 0.15  # the same with titles that differ in the year alone
KEPT = 400  # documents whose sentences stay in memory
TELLING = re.compile(
    r"\d|\b(?:" + "|".join(sorted({*figures.NUMBERS, *figures.DAYS, *figures.MONTHS, *differing.AXES, *differing.NEGATIONS, "free", "gratis", "kostenlos"}, key=len, reverse=True)) + r")s?\b"
)  # fmt: skip
EDITION = re.compile(
    r"\b(?:19|20)\d\d(?:[/-]\d\d)?\b|\b(?:v|version|rev(?:ision)?|edition|issue|ausgabe|auflage|stand|edicion)\.? ?\d+(?:\.\d+)*|\b\d+(?:st|nd|rd|th|\.)? (?:edition|auflage|edicion)|\b(?:"
    + "|".join(figures.MONTHS)
    + r")\b|\b(?:new|old|draft|final|neu|alt|entwurf|nuevo|viejo|valid from|gultig ab|stand)\b"
)

_kept = OrderedDict()  # document id → (when it was read, its [Place])


@dataclass(frozen=True, slots=True)
class Place:
    """A statement and where it stands."""

    document_id: object
    statement: differing.Statement
    quote: str
    start: int
    end: int
    page: int | None


def read(passages, language):
    """The Places in a document's passages that others could contradict."""
    return _places(None, ((one.start, one.text, one.sentences, one.page) for one in passages), language)


def find(document, ours, language):
    """The pair flags of a document whose Places are ``ours``, not kept yet. To be called where no other document of the
    persona can become ready at the same time, so that no pair is missed."""
    others = {other.pk: other for other in _others(document)}
    theirs = [place for other in others.values() for place in _known(other, language)]
    found, alike = defaultdict(list), Counter()
    for mine, place, difference in _pair(ours, theirs):
        if difference is None:
            alike[place.document_id] += 1
        elif difference.score >= differing.ENOUGH:
            found[place.document_id].append((difference, mine, place))
    sizes = Counter(place.document_id for place in theirs)
    return _weigh(document, others, found, alike, sizes, len(ours))


def edition(title):
    """(what a title is about, its edition): ("prices", ("2024",)) of "Prices 2024"."""
    plain = figures.normalise(title)
    marks = tuple(mark.strip() for mark in EDITION.findall(plain))
    return " ".join(re.findall(r"\w+", EDITION.sub(" ", plain))), marks


def _others(document):
    """The persona's other documents that answer, the newest first, until they have MOST_PASSAGES passages."""
    rows = Document.objects.ready().filter(persona=document.persona_id, superseded_by=None).exclude(pk=document.pk)
    return rows.only("pk", "title", "read_at", "created_at").order_by("-created_at")[:KEPT]


def _known(other, language):
    """The places of a document that answers, kept for the next one that is read."""
    kept = _kept.get(other.pk)
    if kept is None or kept[0] != other.read_at:
        rows = Passage.objects.filter(document=other).order_by("position")[:MOST_PASSAGES]
        kept = other.read_at, _places(other.pk, rows.values_list("start", "text", "sentences", "page"), language)
        _kept[other.pk] = kept
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return kept[1]


def _places(document_id, passages, language):
    """Every sentence that could be contradicted, once: passages overlap."""
    found, seen = [], set()
    for begin, text, sentences, page in passages:
        for start, end in sentences:
            quote = text[start:end]
            if begin + start in seen or not TELLING.search(quote.lower()):
                continue
            seen.add(begin + start)
            statement = differing.read(quote, language)
            if statement.is_comparable:
                found.append(Place(document_id, statement, quote, begin + start, begin + end, page))
    return found


def _pair(ours, theirs):
    """(our place, their place, Difference or None where both say the same), for those about the same."""
    standing = defaultdict(list)
    for number, place in enumerate(theirs):
        for word in place.statement.words:
            standing[word].append(number)
    for mine in ours:
        shared = Counter()
        for word in mine.statement.words:
            shared.update(standing.get(word, ()))
        for number, count in shared.most_common(MOST_CANDIDATES):
            if count < max(differing.FEWEST, differing.ALIKE * len(mine.statement.words)):
                break
            place = theirs[number]
            difference = differing.compare(mine.statement, place.statement)
            if difference is not None or differing.agree(mine.statement, place.statement):
                yield mine, place, difference


def _weigh(document, others, found, alike, sizes, own_size):
    """Flags from what was found: one for an edition that was superseded, else one for each contradiction."""
    flags = []
    for pk, other in others.items():
        pairs = found.get(pk, [])
        shared = (alike[pk] + len(pairs)) / max(1, min(own_size, sizes[pk]))
        (name, mine), (other_name, theirs) = edition(document.title), edition(other.title)
        family = bool(name) and name == other_name and mine != theirs
        if (family and shared >= FAMILY_SHARED) or (len(pairs) >= CHANGED and shared >= SHARED):
            flags.append(_superseded(document, other, family, pairs, shared, mine < theirs))
        else:
            flags += [_contradiction(document, *pair) for pair in pairs]
    flags.sort(key=lambda flag: (flag.kind != Flag.Kind.SUPERSEDED, -flag.score))
    return flags[:MOST_FLAGS]


def _superseded(document, other, family, pairs, shared, is_older):
    """The older document stands first; it is the one that could be retired."""
    why = gettext("Their titles differ in the edition alone") if family else gettext("They say nearly the same")
    changed = ngettext("{why}; {count} statement changed.", "{why}; {count} statements changed.", len(pairs))
    reason = changed.format(why=why, count=len(pairs))
    ours = {"quote": document.title, "place": None}
    theirs = {"quote": other.title, "place": None}
    shown = [(after, before) for before, after in pairs[0][0].pairs] if pairs else []
    if pairs:
        _, mine, place = pairs[0]
        ours, theirs = {"quote": mine.quote, "place": mine}, {"quote": place.quote, "place": place}
    score = min(1.0, 0.6 + 0.3 * shared + 0.1 * family)
    flag = _flag(Flag.Kind.SUPERSEDED, (other.pk, theirs), (document.pk, ours), shown, reason, score)  # fmt: skip
    return _swap(flag) if is_older else flag


def _contradiction(document, difference, mine, place):
    said = (
        gettext("One says yes and the other no")
        if difference.in_polarity
        else gettext("The same is said with other values")
    )
    values = [(theirs, ours) for ours, theirs in difference.pairs]
    ours, theirs = {"quote": mine.quote, "place": mine}, {"quote": place.quote, "place": place}
    return _flag(Flag.Kind.CONTRADICTION, (place.document_id, theirs), (document.pk, ours), values, f"{said}.", difference.score)  # fmt: skip


def _flag(kind, older, newer, values, reason, score):
    (pk, one), (other_pk, other) = older, newer
    mine, theirs = one["place"], other["place"]
    return Flag(
        kind=kind, document_id=pk, quote=one["quote"], start=mine and mine.start, end=mine and mine.end,
        page=mine and mine.page, other_id=other_pk, other_quote=other["quote"], other_start=theirs and theirs.start,
        other_end=theirs and theirs.end, other_page=theirs and theirs.page, differing=values, reason=reason, score=score,
    )  # fmt: skip


def _swap(flag):
    """The same flag with its sides changed."""
    for name in ("quote", "start", "end", "page"):
        mine, theirs = getattr(flag, name), getattr(flag, f"other_{name}")
        setattr(flag, name, theirs)
        setattr(flag, f"other_{name}", mine)
    flag.document_id, flag.other_id = flag.other_id, flag.document_id
    flag.differing = [(theirs, ours) for ours, theirs in flag.differing]
    return flag
