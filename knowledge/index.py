"""One persona's index: postings and vectors as arrays in one file, memory-mapped by every process of the host.

Built from the rows once per knowledge version, and never changed: a new version is a new file, and the old one goes.
Vectors are float32 here although the rows keep float16: numpy multiplies 5,000 float32 vectors in 0.1 ms and needs
4 ms for float16 (measured), and the pages are shared between the processes.
"""

import hashlib
import json
import re
from dataclasses import dataclass

import msgspec
import numpy as np

from knowledge import terms, vocabulary

K1, B = 1.2, 0.75  # BM25's usual constants; within a persona they hardly matter
MAGIC = b"CAINDEX7"
ALIGNMENT = 64
NUMBERING = re.compile(r"\b\d{1,3}\b")  # of a title: "Handbook 2" is not about two of anything


class BrokenIndex(Exception):
    """The file is not one of ours, or not whole: build it again."""


class Record(msgspec.Struct, array_like=True):
    """A passage as an answer needs it, so that answering asks the database for nothing but the version."""

    id: int
    document: int  # place in Index.documents
    start: int
    text: str
    page: int | None
    heading: str
    sentences: list[tuple[int, int]]


class Source(msgspec.Struct, array_like=True):
    """A document as an answer names it."""

    id: str
    title: str
    page_starts: list[int] = []


@dataclass(frozen=True, slots=True)
class Postings:
    """Terms to passages: ``rows[indptr[i]:indptr[i+1]]`` hold term i, each with its BM25 share in ``weights``."""

    keys: np.ndarray  # int64, sorted
    indptr: np.ndarray
    rows: np.ndarray
    weights: np.ndarray

    def find(self, keys):
        """The places of those keys that are known, and which of the keys they are."""
        if not len(self.keys) or not len(keys):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = np.flatnonzero(self.keys[places] == keys)
        return places[known], known

    def score(self, keys, size):
        """BM25 of every passage for these keys, each counted as often as it stands there: float64 [size]."""
        places, _ = self.find(keys)
        if not len(places):
            return np.zeros(size)
        spans = list(zip(self.indptr[places].tolist(), self.indptr[places + 1].tolist(), strict=True))
        rows = np.concatenate([self.rows[first:last] for first, last in spans])
        weights = np.concatenate([self.weights[first:last] for first, last in spans])
        return np.bincount(rows, weights, minlength=size)

    def weigh(self, keys, size):
        """BM25's weight of rareness for each key, also of those that stand nowhere."""
        places, known = self.find(keys)
        spread = np.zeros(len(keys))
        spread[known] = self.indptr[places + 1] - self.indptr[places]
        return np.log(1 + (size - spread + 0.5) / (spread + 0.5))


@dataclass(frozen=True, slots=True)
class Index:
    version: int  # of the knowledge it was built from
    language: str
    engine: str  # that made the vectors; a question is compared with them only when this one embedded it
    ids: np.ndarray  # of passages
    owners: np.ndarray  # passage → place in documents
    words: Postings
    grams: Postings
    vocabulary: vocabulary.Vocabulary
    vectors: np.ndarray  # float32 [passages, width]; zeros where there is none yet
    sentence_vectors: np.ndarray
    first_sentence: np.ndarray  # passage i's are first_sentence[i]:first_sentence[i+1]
    offsets: np.ndarray  # of the records in blob
    blob: np.ndarray
    documents: list

    def __len__(self):
        return len(self.ids)

    @property
    def embedded(self):
        """Whether there are vectors of its engine."""
        return len(self.vectors) > 0

    @property
    def width(self):
        """Of the vectors."""
        return self.vectors.shape[1]

    def record(self, row):
        """The passage in a row."""
        data = self.blob[self.offsets[row] : self.offsets[row + 1]].tobytes()
        return msgspec.msgpack.decode(data, type=Record)


def word_keys(words):
    """The 63-bit keys under which words stand in the postings."""
    return np.array([_key(word) for word in words], np.int64)


def compute(passages, documents, language, version, engine):
    """The arrays of an index as {name: array}, from Passage rows with this engine's vectors, in order, and their Source
    by document id."""
    places = {source.id: place for place, source in enumerate(documents)}
    records = [
        Record(row.pk, places[str(row.document_id)], row.start, row.text, row.page, row.heading, row.sentences)
        for row in passages
    ]
    encoded = [msgspec.msgpack.encode(record) for record in records]
    arrays = {
        "version": np.array([version], np.int64),
        "ids": np.array([record.id for record in records], np.int64),
        "owners": np.array([record.document for record in records], np.int32),
        "offsets": np.cumsum([0, *map(len, encoded)], dtype=np.int64),
        "blob": np.frombuffer(b"".join(encoded), np.uint8),
        "documents": np.frombuffer(msgspec.msgpack.encode(documents), np.uint8),
        "language": np.frombuffer(language.encode(), np.uint8),
        "engine": np.frombuffer(engine.encode(), np.uint8),
        **_vectors(passages),
    }
    titles = [NUMBERING.sub("", document.title) for document in documents]
    searched = [f"{titles[record.document]}\n{record.heading}\n{record.text}" for record in records]
    for name, keyed in (
        ("words", [word_keys(terms.words(text, language)) for text in searched]),
        ("grams", [terms.grams(text) for text in searched]),
    ):
        arrays |= {f"{name}.{part}": array for part, array in _postings(keyed).items()}
    return arrays | {f"vocabulary.{part}": array for part, array in vocabulary.compute(searched, language).items()}


def write(arrays, file):
    """Put arrays into an open binary file: a JSON line of what stands where, then the arrays."""
    entries, offset = {}, 0
    for name, array in arrays.items():
        entries[name] = [array.dtype.str, list(array.shape), offset]
        offset += -(-array.nbytes // ALIGNMENT) * ALIGNMENT
    header = json.dumps({"arrays": entries, "size": offset}).encode()
    head = MAGIC + len(header).to_bytes(8, "little") + header
    file.write(head.ljust(-(-len(head) // ALIGNMENT) * ALIGNMENT, b"\0"))
    for array in arrays.values():
        file.write(np.ascontiguousarray(array).tobytes().ljust(-(-array.nbytes // ALIGNMENT) * ALIGNMENT, b"\0"))


def read(path):
    """The index in a file, memory-mapped. Raises BrokenIndex or OSError."""
    if path.stat().st_size < len(MAGIC) + 8:
        raise BrokenIndex(f"{path.name} is too short.")
    return _checked(np.memmap(path, np.uint8, "r"), path.name)


def read_bytes(data):
    """The index in bytes that ``write`` wrote."""
    return _checked(np.frombuffer(data, np.uint8), "bytes")


def _checked(whole, name):
    try:
        return _open(whole)
    except (ValueError, KeyError, TypeError, IndexError, msgspec.MsgspecError) as problem:
        raise BrokenIndex(f"{name}: {problem}") from problem


def _open(whole):
    if whole[: len(MAGIC)].tobytes() != MAGIC:
        raise ValueError("not an index")
    length = int.from_bytes(whole[len(MAGIC) : len(MAGIC) + 8].tobytes(), "little")
    head = len(MAGIC) + 8 + length
    header = json.loads(whole[len(MAGIC) + 8 : head].tobytes())
    body = whole[-(-head // ALIGNMENT) * ALIGNMENT :].view(np.ndarray)
    if len(body) != header["size"]:
        raise ValueError("cut short")
    arrays = {}
    for name, (kind, shape, offset) in header["arrays"].items():
        count = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays[name] = body[offset : offset + count].view(kind).reshape(shape)
    postings = {
        name: Postings(*(arrays.pop(f"{name}.{part}") for part in ("keys", "indptr", "rows", "weights")))
        for name in ("words", "grams")
    }
    surface = vocabulary.Vocabulary(*(arrays.pop(f"vocabulary.{part}") for part in vocabulary.PARTS))
    documents = msgspec.msgpack.decode(arrays.pop("documents").tobytes(), type=list[Source])
    version = int(arrays.pop("version")[0])
    language, engine = (arrays.pop(name).tobytes().decode() for name in ("language", "engine"))
    return Index(version, language, engine, documents=documents, vocabulary=surface, **postings, **arrays)


def _vectors(passages):
    """Passage and sentence vectors, one row each, as wide as the first there is; without any, when there is none."""
    counts = [len(row.sentences) for row in passages]
    first = np.cumsum([0, *counts], dtype=np.int64)
    size = next((len(row.vector) for row in passages if row.vector is not None), 0)  # of one vector, in bytes
    rows = len(counts) if size else 0
    whole, inner = np.zeros((rows, size // 2), np.float32), np.zeros((int(first[rows]), size // 2), np.float32)
    for place, row in enumerate(passages):
        if row.vector is None or (len(row.vector), len(row.sentence_vectors)) != (size, size * counts[place]):
            continue
        whole[place] = np.frombuffer(row.vector, np.float16)
        inner[first[place] : first[place + 1]] = np.frombuffer(row.sentence_vectors, np.float16).reshape(-1, size // 2)
    return {"vectors": whole, "sentence_vectors": inner, "first_sentence": first}


def _postings(keyed):
    """Postings with BM25's share of every (term, passage) worked out: Robertson and Zaragoza, "The Probabilistic
    Relevance Framework" (2009), with Lucene's +1 inside the logarithm."""
    lengths = np.array([len(keys) for keys in keyed], np.float64)
    counted = [np.unique(keys, return_counts=True) for keys in keyed]
    keys = np.concatenate([np.zeros(0, np.int64), *(found for found, _ in counted)])
    counts = np.concatenate([np.zeros(0, np.int64), *(count for _, count in counted)]).astype(np.float32)
    rows = np.repeat(np.arange(len(keyed), dtype=np.int32), [len(found) for found, _ in counted])
    order = np.argsort(keys, kind="stable")
    keys, counts, rows = keys[order], counts[order], rows[order]
    known, first = np.unique(keys, return_index=True)
    indptr = np.append(first, len(keys)).astype(np.int64)
    spread = np.diff(indptr)
    rareness = np.log(1 + (len(keyed) - spread + 0.5) / (spread + 0.5))
    relative = lengths / max(lengths.mean(), 1.0) if len(lengths) else lengths
    weights = np.repeat(rareness, spread) * counts * (K1 + 1) / (counts + K1 * (1 - B + B * relative[rows]))
    return {"keys": known, "indptr": indptr, "rows": rows, "weights": weights.astype(np.float32)}


def _key(word):
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
