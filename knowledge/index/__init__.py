"""One persona's index: postings and vectors as arrays in one file, memory-mapped by every process of the host.

Built from the rows once per knowledge version (``indexing``), and never changed: a new version is a new file, and the
old one goes. A small index keeps every bit of its vectors, and all of it is gone through; a large one keeps them
shorter, and has cells for a first look.
"""

import hashlib
from dataclasses import dataclass

import msgspec
import numpy as np

from knowledge.index import arrays, cells, codes, postings, vocabulary
from knowledge.index.arrays import BrokenIndex
from knowledge.index.cells import Cells
from knowledge.index.codes import Codes
from knowledge.index.postings import Postings
from knowledge.index.vocabulary import Vocabulary


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
    read_at: float = 0.0  # when its passages were written, Unix seconds


@dataclass(frozen=True, slots=True)
class Index:
    version: int  # of the knowledge it was built from
    small: bool  # all of it is gone through for every question
    languages: tuple[str, ...]  # of the persona, its own first
    engine: str  # that made the vectors; a question is compared with them only when this one embedded it
    scale: np.ndarray  # (slope, shift): what brings its cosines to those of the engine of this host; (0, 0): unknown
    ids: np.ndarray  # of passages
    owners: np.ndarray  # passage → place in documents
    tongues: np.ndarray  # passage → place in languages
    words: Postings
    grams: Postings
    vocabulary: Vocabulary
    vectors: Codes  # of passages; zeros where there is none yet
    sentences: Codes  # their vectors, passage after passage
    first_sentence: np.ndarray  # passage i's are first_sentence[i]:first_sentence[i+1]
    cells: Cells | None  # of a large one with vectors
    offsets: np.ndarray  # of the records in blob
    blob: np.ndarray
    documents: list
    hidden: np.ndarray | None = None  # rows that must not answer any more; None: it is of the live version

    def __len__(self):
        return len(self.ids)

    @property
    def embedded(self):
        """Whether there are vectors of its engine."""
        return len(self.vectors) > 0

    @property
    def width(self):
        """Of the vectors."""
        return self.vectors.numbers.shape[1]

    @property
    def is_scaled(self):
        """Whether ``weigh`` gives what weights and thresholds were measured for."""
        return bool(self.scale[0])

    def weigh(self, cosines):
        """Cosines of its vectors as the engine of this host would have them; as they are, where that is unknown."""
        slope, shift = self.scale.tolist()
        return np.clip(slope * cosines + shift, -1, 1) if slope not in (0.0, 1.0) else cosines

    def record(self, row):
        """The passage in a row."""
        data = self.blob[self.offsets[row] : self.offsets[row + 1]].tobytes()
        return msgspec.msgpack.decode(data, type=Record)


def word_keys(words):
    """The 63-bit keys under which words stand in the postings."""
    return np.array([_key(word) for word in words], np.int64)


def read(path):
    """The index in a file, memory-mapped. Raises BrokenIndex or OSError."""
    return _assemble(arrays.read(path), path.name)


def read_bytes(data):
    """The index in bytes. Raises BrokenIndex."""
    return _assemble(arrays.open_(np.frombuffer(data, np.uint8), "bytes"), "bytes")


def _assemble(found, name):
    try:
        nested = {
            kind: known(*(found.pop(f"{kind}.{part}") for part in parts))
            for kind, known, parts in (
                ("words", Postings, postings.PARTS),
                ("grams", Postings, postings.PARTS),
                ("vocabulary", Vocabulary, vocabulary.PARTS),
                ("vectors", Codes, codes.PARTS),
                ("sentences", Codes, codes.PARTS),
            )
        }
        near = Cells(*(found.pop(f"cells.{part}") for part in cells.PARTS)) if "cells.rows" in found else None
        documents = msgspec.msgpack.decode(found.pop("documents").tobytes(), type=list[Source])
        version, small = found.pop("version").tolist()
        languages, engine = (found.pop(part).tobytes().decode() for part in ("languages", "engine"))
        spoken = tuple(languages.split())
        return Index(version, bool(small), spoken, engine, documents=documents, cells=near, **nested, **found)
    except (ValueError, KeyError, TypeError, IndexError, msgspec.MsgspecError) as problem:
        raise BrokenIndex(f"{name}: {problem}") from problem


def _key(word):
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1
