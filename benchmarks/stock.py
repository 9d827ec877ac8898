"""What every system of a contest is given, as files in one folder: the same texts, vectors and questions."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import library

FIRST = 10  # results asked for
LISTS = ("texts", "spans", "owners", "bounds", "questions", "asked_of", "expected")
ARRAYS = ("vectors", "sentence_vectors", "question_vectors")


@dataclass(frozen=True, slots=True)
class Stock:
    texts: list  # of passages, persona after persona
    spans: list  # per passage, (start, end) of its sentences
    owners: list  # per passage, the number of its document
    bounds: list  # persona i's passages are bounds[i]:bounds[i+1]
    questions: list
    asked_of: list  # per question, the persona's number
    expected: list  # per question, the numbers of the documents that answer it, or None where nobody knows
    vectors: np.ndarray  # float16 [passages, 384]
    sentence_vectors: np.ndarray  # float16, passage after passage
    question_vectors: np.ndarray  # float32 [questions, 384]

    def shelf(self, persona):
        """(first, last) of a persona's passages."""
        return self.bounds[persona], self.bounds[persona + 1]

    @property
    def personas(self):
        return range(len(self.bounds) - 1)

    def rank_exactly(self, question):
        """The ten passages of its persona nearest to a question, by exact cosine."""
        first, last = self.shelf(self.asked_of[question])
        cosines = self.vectors[first:last].astype(np.float32) @ self.question_vectors[question]
        return (first + np.argsort(-cosines, kind="stable")[:FIRST]).tolist()


def write(stock, folder):
    """Put a Stock into a folder."""
    for name in LISTS:
        Path(folder, f"{name}.json").write_text(json.dumps(getattr(stock, name)))
    for name in ARRAYS:
        np.save(Path(folder, f"{name}.npy"), getattr(stock, name))


def read(folder):
    """The Stock in a folder, its large arrays memory-mapped."""
    lists = {name: json.loads(Path(folder, f"{name}.json").read_text()) for name in LISTS}
    return Stock(**lists, **{name: np.load(Path(folder, f"{name}.npy"), mmap_mode="r") for name in ARRAYS})


def make_up(passages, personas, questions):
    """A Stock of made-up personas of like size, each asked its share of the questions."""
    language, each = library.Language(), passages // personas
    shelves, asked = [], []
    for persona in range(personas):
        shelf = library.fill(language, each, seed=persona)
        shelves.append(shelf)
        asked += [(persona, one) for one in library.ask(language, shelf, -(-questions // personas), seed=persona)]
    order = np.random.default_rng(1).permutation(len(asked))[:questions].tolist()
    chosen = [asked[place] for place in order]
    return Stock(
        texts=[text for shelf in shelves for text in shelf.texts],
        spans=[spans for shelf in shelves for spans in shelf.spans],
        owners=[place // 10 for place in range(each * personas)],
        bounds=[each * persona for persona in range(personas + 1)],
        questions=[one.text for _, one in chosen],
        asked_of=[persona for persona, _ in chosen],
        expected=[None] * len(chosen),
        vectors=np.concatenate([shelf.vectors for shelf in shelves]),
        sentence_vectors=np.concatenate([shelf.sentence_vectors for shelf in shelves]),
        question_vectors=np.array([one.vector for _, one in chosen], np.float32),
    )
