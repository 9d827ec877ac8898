"""Whether two sentences say different things about the same. Pure.

Two sentences are about the same when, their values and their polarity masked, they consist of the same content words.
Then they differ in exactly one kind of value (a price, a time, a weekday), or in polarity ("open" and "closed", "may" and
"may not"). This is a heuristic on words: it knows no synonyms but a few, so what contradicts in other words passes, and
two sentences whose subject stands in the sentence before look alike. `manage.py measure_flags` prints its error:
of labelled pairs that chose nothing, 33 of 40 contradictions are found, and 4 of 62 near misses flagged by mistake.
"""

import re
from dataclasses import dataclass, field

from knowledge.flags import figures
from knowledge.language import terms

ALIKE = 0.6  # of the content words of both
FEWEST = 2  # content words in common
MISSING = 0.12  # is taken off for a word that only one of them has
ENOUGH = 0.6
NEGATIONS = frozenset(["not", "no", "never", "without", "cannot", "neither", "nor", "none", "isn't", "aren't", "don't", "doesn't", "can't", "mustn't", "won't", "nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "ohne", "no", "nunca", "sin", "ningun", "ninguna", "tampoco", "ni"])  # fmt: skip
_AXES = {
    "open": ("open opens opened opening geoffnet offen offnet abierto abierta abiertos abiertas abre abren", "closed close closes shut geschlossen schliesst zu cerrado cerrada cerrados cerradas cierra"),
    "allowed": ("allowed permitted may can welcome possible erlaubt gestattet darf durfen kann konnen moglich willkommen permitido permitida permitidos permitidas pueden puede posible admiten", "forbidden prohibited banned verboten untersagt prohibido prohibida prohibidos prohibidas prohiben impossible unmoglich imposible"),
    "included": ("included inclusive inbegriffen enthalten inklusive incluido incluida incluidos incluidas incluye", "excluded excluding exklusive excluido"),
    "needed": ("required must needed necessary obligatory compulsory mandatory muss mussen notig erforderlich pflicht debe deben necesario necesaria obligatorio obligatoria", "optional voluntary freiwillig opcional unnecessary unnotig"),
    "always": ("always immer stets siempre", "seldom rarely selten raramente rara"),
    "side": ("before vor antes", "after nach despues"),
    "there": ("available verfugbar vorhanden disponible disponibles", "unavailable agotado ausverkauft"),
}  # fmt: skip
AXES = {
    word: (axis, sign)
    for axis, sides in _AXES.items()
    for sign, words in zip((1, -1), sides, strict=True)
    for word in words.split()
}
_ALIASES = """cost costs costed price prices priced fee fees charge charges charged pay pays paid kostet kosten preis preise
    gebuhr gebuhren bezahlt zahlt cuesta cuestan precio precios tarifa tarifas paga pagan|visitor visitors guest guests
    besucher gast gaste visitante visitantes huesped huespedes|start starts begin begins beginnt beginnen startet empieza
    empiezan comienza comienzan|leave leaves depart departs sail sails fahrt sale salen zarpa"""
ALIASES = {word: row.split()[0] for row in _ALIASES.split("|") for word in row.split()}
# Under another condition another value is no contradiction; these words are few and weigh more than any other.
_CONDITIONS = """summer winter spring autumn season weekend weekends weekdays holiday holidays child children adult adults
    student students senior seniors member members group groups family families resident residents if unless except only
    first second north south east west left right old new upper lower small large big weekly monthly yearly daily return
    single sommer winter fruhling herbst saison wochenende feiertag feiertage feiertagen werktags kind kinder erwachsene studenten
    senioren mitglieder gruppen familien wenn falls ausser nur erste zweite nord sud ost west links rechts alte neue
    verano invierno primavera otono temporada semana festivos ninos adultos estudiantes mayores socios grupos familias
    si salvo excepto solo primero segundo norte sur este oeste izquierda derecha viejo nuevo"""
CONDITIONS = frozenset(_CONDITIONS.split())
NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z](?:[A-Z0-9]|(?=\b))\w*\b|\b[A-Za-z]+\d+\b")
WORDS = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a sentence says, ready to be compared."""

    words: frozenset  # stems of content words, and "=open" for whichever side of that axis
    conditions: frozenset
    names: frozenset  # "berth 12", "B"
    values: tuple
    polarity: tuple  # ((axis, sign), …) in order of the axes, and how many negations belong to none
    plain: str = field(repr=False)

    @property
    def is_comparable(self):
        """Whether it says something that another could contradict."""
        return len(self.words) >= FEWEST and bool(self.values or self.polarity)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two statements about the same that do not go together."""

    score: float
    pairs: tuple  # ((what one says, what the other says), …)
    in_polarity: bool


def read(sentence, language="en"):
    """A sentence as a Statement."""
    plain = figures.normalise(sentence)
    values, names = figures.find(plain)
    masked = plain
    for value in values:
        masked = masked[: value.start] + " " * (value.end - value.start) + masked[value.end :]
    raw = WORDS.findall(masked)
    polarity = _polarity(raw)
    kept = [ALIASES.get(word, word) for word in raw if word not in AXES and word not in NEGATIONS]
    words = frozenset(terms.words(" ".join(kept), language)) | {f"={axis}" for axis, _ in polarity if axis != "not"}
    names |= {
        match.group() for match in NAME.finditer(sentence) if len(match.group()) < 3 or match.group()[-1].isdigit()
    }
    conditions = frozenset(word for word in raw if word in CONDITIONS)
    return Statement(words, conditions, frozenset(names), tuple(values), polarity, plain)


def compare(one, other):
    """The Difference between two statements, or None when they are about different things or go together."""
    common, either = one.words & other.words, one.words | other.words
    if len(common) < FEWEST or len(common) < ALIKE * len(either):
        return None
    if one.conditions != other.conditions or one.names != other.names:
        return None
    missing, extra = len(one.words - other.words), len(other.words - one.words)
    if missing and extra:
        return None
    differing, lonely = _differing(one, other)
    kinds = {mine.kind for mine, _ in differing}
    opposed = one.polarity != other.polarity
    if len(kinds) > 1 or opposed == bool(kinds) or (opposed and lonely):
        return None
    if opposed and not _is_opposition(one, other):
        return None
    score = len(common) / len(either) + 0.05 * min(len(common), 4) - MISSING * (missing + extra + lonely)
    pairs = tuple((_show(one, mine), _show(other, theirs)) for mine, theirs in differing)
    return Difference(max(0.0, min(1.0, score)), pairs, opposed)


def agree(one, other):
    """Whether two statements say the same of the same."""
    common = len(one.words & other.words)
    return (
        common >= ALIKE * len(one.words | other.words)
        and (one.conditions, one.names, one.polarity) == (other.conditions, other.names, other.polarity)
        and _differing(one, other) == ([], 0)
    )


def _polarity(raw):
    """((axis, sign), …): a negation turns the axis word that follows it, or the one before it when none follows."""
    found, loose = {}, 0
    places = [place for place, word in enumerate(raw) if word in AXES]
    for place in places:
        axis, sign = AXES[raw[place]]
        found[axis] = found.get(axis, 1) * sign if axis not in found else min(found[axis], sign)
    for place, word in enumerate(raw):
        if word not in NEGATIONS:
            continue
        after = [near for near in places if near > place]
        before = [near for near in places if near < place]
        near = after[0] if after and after[0] - place <= 4 else before[-1] if before else None
        if near is None:
            loose += 1
        else:
            axis = AXES[raw[near]][0]
            found[axis] = -found[axis]
    return tuple(sorted(found.items())) + ((("not", loose % 2),) if loose % 2 else ())


def _is_opposition(one, other):
    """The same axes with one sign turned, or the same sentence with and without a "not"."""
    mine, theirs = dict(one.polarity), dict(other.polarity)
    loose = mine.pop("not", 0) != theirs.pop("not", 0)
    turned = [axis for axis in mine.keys() & theirs.keys() if mine[axis] != theirs[axis]]
    alone = mine.keys() ^ theirs.keys()
    if alone and not turned and not loose:
        # "Dogs pay" and "dogs are not allowed": only where the lonely axis is a plain no
        return all((mine | theirs)[axis] < 0 for axis in alone) and not (mine and theirs)
    return len(turned) + loose == 1


def _differing(one, other):
    """(pairs of values of one kind that differ, how many values stand alone)."""
    left, right = list(one.values), list(other.values)
    for value in list(left):
        match = next((there for there in right if _same(value, there)), None)
        if match is not None:
            left.remove(value)
            right.remove(match)
    pairs, alone = [], 0
    for value in left:
        match = next((there for there in right if there.kind == value.kind), None)
        if match is None:
            alone += 1
        else:
            right.remove(match)
            pairs.append((value, match))
    return pairs, alone + len(right)


def _same(value, other):
    if value.key == other.key:
        return True
    if value.kind != other.kind or isinstance(value.amount, tuple):
        return False
    # "five in the afternoon" is 17:00, "at nine" may be 21:00
    return value.kind == "number" and abs(value.amount - other.amount) == 12 and min(value.amount, other.amount) < 12


def _show(statement, value):
    return statement.plain[value.start : value.end]
