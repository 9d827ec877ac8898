"""Rows to the arrays of an index: what of every passage is compared with questions, counted and joined."""

import re
from dataclasses import dataclass

import msgspec
import numpy as np

from knowledge.index import Record, cells, codes, postings, vocabulary, word_keys
from knowledge.index.codes import Codes
from knowledge.index.postings import Tally
from knowledge.language import terms, tongues

SMALL = 1_000  # passages at most of a persona that is gone through whole: up to here that is quicker (measured)
STEP = 1_000  # passages counted at a time
NUMBERING = re.compile(r"\b\d{1,3}\b")  # of a title: "Handbook 2" is not about two of anything


def compute(passages, documents, languages, version, engine, scale=(1.0, 0.0)):
    """The arrays of an index as {name: array}, from Passage rows with this engine's vectors, in order, and their Source
    by document id; ``languages`` are the persona's, ``scale`` is of the engine's cosines. A passage takes about 20 kB of
    memory meanwhile, most of it its row and its vectors."""
    small = len(passages) <= SMALL
    size = next((len(row.vector) for row in passages if row.vector is not None), 0)  # of one vector, in bytes
    titles = {source.id: (place, NUMBERING.sub("", source.title)) for place, source in enumerate(documents)}
    parts = [
        _Part.of(passages[start : start + STEP], start, titles, languages, size, small)
        for start in range(0, len(passages), STEP)
    ]
    found = {
        "version": np.array([version, small], np.int64),
        "languages": np.frombuffer(" ".join(languages).encode(), np.uint8),
        "engine": np.frombuffer(engine.encode(), np.uint8),
        "scale": np.array(scale, np.float64),
        "documents": np.frombuffer(msgspec.msgpack.encode(documents), np.uint8),
        "ids": _join((part.ids for part in parts), np.int64),
        "owners": _join((part.owners for part in parts), np.int32),
        "tongues": _join((part.tongues for part in parts), np.uint8),
        "offsets": np.append(0, np.cumsum(_join((part.lengths for part in parts), np.int64))),
        "blob": _join((part.blob for part in parts), np.uint8),
        "first_sentence": np.append(0, np.cumsum(_join((part.sentence_counts for part in parts), np.int64))),
    }
    for name in ("words", "grams"):
        found |= _named(name, postings.merge([getattr(part, name) for part in parts]))
    found |= _named("vocabulary", vocabulary.compute((text for part in parts for text in part.searched), languages))
    return found | _join_vectors(parts if size else [], size // 2, small)


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of passages, ready to be joined with others."""

    searched: list  # the texts that are searched

    ids: np.ndarray
    owners: np.ndarray
    tongues: np.ndarray
    lengths: np.ndarray  # of their records, in bytes
    blob: np.ndarray
    words: Tally
    grams: Tally
    sentence_counts: np.ndarray
    vectors: Codes
    sentences: Codes

    @classmethod
    def of(cls, rows, start, titles, languages, size, small):
        """The first of the rows will be in row ``start`` of the index; a vector has ``size`` bytes."""
        owners = [titles[str(row.document_id)] for row in rows]
        encoded = [
            msgspec.msgpack.encode(Record(row.pk, owner, row.start, row.text, row.page, row.heading, row.sentences))
            for row, (owner, _) in zip(rows, owners, strict=True)
        ]
        searched = [f"{title}\n{row.heading}\n{row.text}" for row, (_, title) in zip(rows, owners, strict=True)]
        spoken = [tongues.choose(row.text, languages) for row in rows]
        counts = np.array([len(row.sentences) for row in rows], np.int64)
        whole, inner = _read_vectors(rows, counts, size)
        return cls(
            searched=searched,
            ids=np.array([row.pk for row in rows], np.int64),
            owners=np.array([owner for owner, _ in owners], np.int32),
            tongues=np.array([languages.index(language) for language in spoken], np.uint8),
            lengths=np.array([len(one) for one in encoded], np.int64),
            blob=np.frombuffer(b"".join(encoded), np.uint8),
            words=postings.tally([word_keys(words) for words in _words_in_each(searched, spoken)], start),
            grams=postings.tally([terms.grams(text) for text in searched], start),
            sentence_counts=counts,
            vectors=codes.encode(whole, small),
            sentences=codes.encode(inner, small),
        )


def _words_in_each(texts, spoken):
    """The words of each text in its own language."""
    found = [None] * len(texts)
    for language in set(spoken):
        places = [place for place, one in enumerate(spoken) if one == language]
        for place, words in zip(places, terms.words_in_each([texts[one] for one in places], language), strict=True):
            found[place] = words
    return found


def _read_vectors(rows, counts, size):
    """Passage and sentence vectors, one row each: zeros where there is none, or one of another size."""
    first = np.append(0, np.cumsum(counts))
    whole, inner = np.zeros((len(rows), size // 2), np.float16), np.zeros((first[-1], size // 2), np.float16)
    for place, row in enumerate(rows):
        if row.vector is None or (len(row.vector), len(row.sentence_vectors)) != (size, size * counts[place]):
            continue
        whole[place] = np.frombuffer(row.vector, np.float16)
        inner[first[place] : first[place + 1]] = np.frombuffer(row.sentence_vectors, np.float16).reshape(-1, size // 2)
    return whole, inner


def _join_vectors(parts, width, small):
    whole = codes.join([part.vectors for part in parts], width)
    inner = codes.join([part.sentences for part in parts], width)
    found = _named("vectors", whole.arrays) | _named("sentences", inner.arrays)
    return found | (_named("cells", cells.compute(whole)) if len(whole) and not small else {})


def _join(parts, kind):
    return np.concatenate([np.zeros(0, kind), *parts])


def _named(name, values):
    return {f"{name}.{part}": array for part, array in values.items()}
