"""Sentences to an answer: the ones that fit best, the best place first, each place in its own order."""

import re
from dataclasses import dataclass

from knowledge import speech, telemetry
from knowledge.language.scripts import base
from knowledge.splitting import find_page

# Of the best sentence's score: below it a sentence only fills up, and somebody has to listen to it. On whole English
# articles the answer stands in 91.7 % of contents at 0.65 (417 characters, 2.6 sentences on average) and in 91.5 % at 0.75
# (350, 2.1); but of the demo's questions, short and put as people speak, in 91.7 % and 86.8 %.
WEAK = 0.65
NEAR = 300  # characters between two sentences that are told as one place
MARKER = re.compile(r"(?:[-*•–]\s+)?")  # of a list item, which is not quoted
SHORTEST = 30  # characters left that are worth looking for a sentence


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a part of an answer stands: the quote is exactly document.text[start:end]."""

    document: str  # its title
    document_id: str
    passage_id: int
    page: int | None
    heading: str
    quote: str
    start: int
    end: int

    def as_json(self):
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class _Piece:
    match: object
    sentence: object
    said: str

    @property
    def start(self):
        return self.match.record.start + self.sentence.start

    @property
    def end(self):
        return self.match.record.start + self.sentence.end


@telemetry.spanned("compose")
def compose(search, sentences, limit):
    """(content of at most ``limit`` characters, its citations in the order of the content)."""
    pieces = _in_order(_choose(search, sentences, limit))
    language = pieces[0].match.language if pieces else search.heard.languages[0]
    content = speech.join([piece.said for piece in pieces], base(language))
    return speech.cut(content, limit), _cite(search, pieces)


def _choose(search, sentences, limit):
    """The best sentences that fit in together, none of them twice."""
    chosen, seen, left = [], set(), limit
    ranked = sorted(sentences, key=lambda sentence: -sentence.score)
    for sentence in ranked:
        if left < SHORTEST or sentence.score < WEAK * ranked[0].score:
            break
        match = search.matches[sentence.rank]
        said = speech.say(match.record.text[sentence.start : sentence.end])
        piece = _Piece(match, sentence, said)
        if not said or said.casefold() in seen or any(_overlap(piece, other) for other in chosen):
            continue
        if len(said) + 2 > left:
            if chosen:
                continue
            piece = _Piece(match, sentence, speech.cut(said, left - 1))
        chosen.append(piece)
        seen.add(said.casefold())
        left -= len(piece.said) + 2
    return chosen


def _in_order(pieces):
    """Sentences that stand near each other stay together, as they stand; the place with the best one comes first."""
    places = []
    for piece in sorted(pieces, key=lambda piece: (piece.match.document_id, piece.start)):
        last = places[-1][-1] if places else None
        if last and last.match.document_id == piece.match.document_id and piece.start - last.end <= NEAR:
            places[-1].append(piece)
        else:
            places.append([piece])
    places.sort(key=lambda place: -max(piece.sentence.score for piece in place))
    return [piece for place in places for piece in place]


def _overlap(one, other):
    return one.match.document_id == other.match.document_id and one.start < other.end and other.start < one.end


def _cite(search, pieces):
    """One citation per stretch of neighbouring sentences of one passage."""
    runs = []
    for piece in pieces:
        before = runs[-1][-1] if runs else None
        if before and before.match is piece.match and _adjoin(before, piece):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return tuple(_citation(search, run[0], run[-1]) for run in runs)


def _adjoin(before, piece):
    between = before.match.record.text[before.sentence.end : piece.sentence.start]
    return before.sentence.end <= piece.sentence.start and not between.strip()


def _citation(search, first, last):
    record = first.match.record
    source = search.index.documents[record.document]
    page = find_page(source.page_starts, first.start) or record.page
    quote = record.text[first.sentence.start : last.sentence.end]
    skip = MARKER.match(quote).end()
    return Citation(
        source.title, source.id, record.id, page, record.heading, quote[skip:], first.start + skip, last.end
    )
