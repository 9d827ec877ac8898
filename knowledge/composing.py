"""Sentences to an answer: the ones that fit best, as many as can be said, in the order in which they stand."""

from dataclasses import dataclass

from knowledge import speech
from knowledge.scripts import base
from knowledge.splitting import find_page

WEAK = 0.5  # of the best sentence's score: below it a sentence would only fill up
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


def compose(search, sentences, limit):
    """(content of at most ``limit`` characters, its citations in the order of the content)."""
    pieces = _choose(search, sentences, limit)
    order = list(dict.fromkeys(piece.match.document_id for piece in sorted(pieces, key=lambda p: p.sentence.rank)))
    pieces.sort(key=lambda piece: (order.index(piece.match.document_id), piece.start))
    content = speech.join([piece.said for piece in pieces], base(search.index.language))
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
    text = before.match.record.text
    return not text[before.sentence.end : piece.sentence.start].strip()


def _citation(search, first, last):
    record = first.match.record
    source = search.index.documents[record.document]
    page = find_page(source.page_starts, first.start) or record.page
    quote = record.text[first.sentence.start : last.sentence.end]
    return Citation(source.title, source.id, record.id, page, record.heading, quote, first.start, last.end)
