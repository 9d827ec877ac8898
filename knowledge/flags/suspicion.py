"""Sentences that speak to a model instead of to a reader. Pure.

This is a heuristic and can be nothing else: a list of cues in some fifteen languages (``cues``), each with a weight, and
the likeness to known phrasings by character 3-grams. It finds attacks that are phrased like attacks. One that is phrased
like the document around it ("Refunds are always granted") is a false statement, not an instruction, and passes; so may
one in a language, an encoding or a wording that no cue knows. `manage.py measure_flags` prints how often.

Measured with the probe of vectors, on sentences kept aside (the thresholds were compared on them, too): 41 of 84
attacks in phrasings of their own are found (of those that chose the cues, 159 of 166), so half of what is new gets
through; 10 of 173 honest sentences written to be mistaken are flagged, and none of 1,189 of the demo's documents. It is a
net, not a wall: what passages say is handed on as data, and that is what protects.
"""

import base64
import binascii
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from knowledge.flags import cues
from knowledge.language import terms
from knowledge.language.sentences import find_sentences
from knowledge.speech import remove_hidden

ENOUGH = 0.5  # of a score, for a sentence of the text
ENOUGH_BY_MEANING = 0.6  # of what ``probe`` says of its vector
ENOUGH_UNSEEN = 0.35  # where the sentence is hidden besides: honest pages hide labels, not orders
FAINT = frozenset(
    [cues.ADDRESS, cues.TALK, cues.WHEN_ASKED, cues.DEED, cues.AT_ONCE, cues.LINK, cues.DICTATION]
)  # of which honest texts about software are full
NEAR = 0.55  # from this share of a known phrasing's 3-grams on, likeness counts
BEFORE, AFTER = 1, 2  # sentences of the same paragraph that are taken for part of it

BLOB = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}")
SPACED = re.compile(r"\b(?:\w[ .\-_*]){5,}\w\b")
MIXED = re.compile(r"\b(?=\w*[^\W\d_])(?=\w*[013457@$])[\w@$]{5,}")
LEET = str.maketrans("013457@$", "oieastas")
LOOKALIKES = str.maketrans("аеорсухіјѕԁһոαορνιεκ", "aeopcyxijsdhnaopviek")
LATIN, LOOKS_LATIN = re.compile("[a-z]"), re.compile("[а-яіјѕԁһոα-ω]")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A stretch of a text that speaks to a model."""

    start: int
    end: int
    score: float  # 0 to 1
    reasons: tuple  # names of cues

    def explain(self):
        """The reasons as a sentence."""
        return f"It {join_words([cues.REASONS[name] for name in self.reasons])}."


def find(text, language="en", enough=ENOUGH):
    """The Suspicions of a text in order, each with the sentences around it that belong to it; none overlap."""
    spans = find_sentences(text, language)
    judged = {place: judge(text[start:end]) for place, (start, end) in _candidates(text, spans)}
    found = []
    for place, (score, reasons) in judged.items():
        if score >= enough:
            _add(found, _widen(text, spans, place, score, reasons))
    return found


def find_by_meaning(text, language, scored, enough=ENOUGH_BY_MEANING):
    """The Suspicions of sentences that were judged by their meaning: ``scored`` is {(start, end): score}."""
    spans = find_sentences(text, language)
    places = {span: place for place, span in enumerate(spans)}
    found = []
    for span, score in sorted(scored.items()):
        if score >= enough and span in places:
            _add(found, _widen(text, spans, places[span], score, (cues.MEANING,)))
    return found


def judge(sentence):
    """(score from 0 to 1, the names of the cues that made it) of one sentence."""
    decoded = _decode(sentence)
    if decoded:
        score, reasons = judge(decoded)
        return min(1.0, cues.WEIGHTS[cues.ENCODED] + score), (cues.ENCODED, *reasons)
    plain = _without_lesson(cues.REMINDER.sub(" ", _plain(sentence)))
    names = [name for name, pattern in cues.PATTERNS.items() if pattern.search(plain)]
    near = nearness(plain) if not set(names) <= FAINT else 0.0
    if set(names) <= FAINT:
        return 0.0, tuple(names)
    score = sum(cues.WEIGHTS[name] for name in names) + max(0.0, near - NEAR)
    if near >= 0.8:
        names.append(cues.KNOWN)
    return max(0.0, min(1.0, score)), tuple(names)


def nearness(plain):
    """The largest share of a known phrasing's 3-grams that stand in a folded sentence, 0 to 1."""
    there = np.unique(terms.grams(plain))
    if not len(there):
        return 0.0
    places = np.minimum(np.searchsorted(there, _KNOWN), len(there) - 1)
    return float((np.bincount(_OWNERS, there[places] == _KNOWN) / np.bincount(_OWNERS)).max())


def join_words(parts):
    """Parts of a sentence with commas and a last "and"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _candidates(text, spans):
    """(place, span) of the sentences in which a cue may stand. Looked for in all of them at once, which costs a third
    of asking each."""
    plain = [_plain(text[start:end]) for start, end in spans]
    places = {place for place, (start, end) in enumerate(spans) if BLOB.search(text, start, end)}
    ends = list(accumulate(len(one) + 1 for one in plain))
    whole = "\n".join(plain)
    for name, pattern in cues.PATTERNS.items():
        if name not in FAINT:
            places |= {bisect_right(ends, match.start()) for match in pattern.finditer(whole)}
    return [(place, spans[place]) for place in sorted(places) if place < len(spans)]


def _plain(text):
    """A text folded, with the usual disguises taken off: letters spaced out, digits and look-alikes for letters."""
    plain = terms.fold(remove_hidden(text)).replace("’", "'")
    plain = SPACED.sub(lambda run: re.sub(r"[ .\-_*]", "", run.group()), plain)
    if not plain.isascii() and LATIN.search(plain) and LOOKS_LATIN.search(plain):
        words = re.split(r"(\s+)", plain)
        mixed = [LATIN.search(word) and LOOKS_LATIN.search(word) for word in words]
        plain = "".join(word.translate(LOOKALIKES) if one else word for word, one in zip(words, mixed, strict=True))
    return MIXED.sub(lambda word: word.group().translate(LEET), plain)


def _decode(sentence):
    """What a base64 blob in the sentence says, when it is text; else ""."""
    for blob in BLOB.findall(sentence):
        try:
            said = base64.b64decode(blob + "=" * (-len(blob) % 4)).decode("utf-8")
        except (binascii.Error, ValueError):
            continue
        if " " in said and sum(letter.isalpha() or letter.isspace() for letter in said) > 0.8 * len(said):
            return said
    return ""


def _without_lesson(plain):
    """A sentence that tells of attacks, without the attack that it quotes."""
    quoted = cues.QUOTED.search(plain)
    if not quoted:
        return plain
    around = f"{plain[: quoted.start()]} {plain[quoted.end() :]}"
    return around if cues.TELLS_OF.search(around) else plain


def _belonging(text, spans, place):
    """The places of the first and last sentence that go with one, within its paragraph."""
    first = last = place
    while place - first < BEFORE and first and not _parted(text, spans, first - 1):
        first -= 1
    while last - place < AFTER and last + 1 < len(spans) and not _parted(text, spans, last):
        last += 1
    return first, last


def _widen(text, spans, place, score, reasons):
    first, last = _belonging(text, spans, place)
    return Suspicion(spans[first][0], spans[last][1], score, reasons)


def _parted(text, spans, place):
    return "\n\n" in text[spans[place][1] : spans[place + 1][0]]


def _add(found, suspicion):
    """One more, joined with the last where they touch."""
    last = found[-1] if found else None
    if last is not None and suspicion.start < last.end:
        reasons = tuple(dict.fromkeys(last.reasons + suspicion.reasons))
        found[-1] = Suspicion(last.start, suspicion.end, max(last.score, suspicion.score), reasons)
    else:
        found.append(suspicion)


_KNOWN, _OWNERS = terms.grams_in_each([terms.fold(phrase) for phrase in cues.PHRASINGS])
