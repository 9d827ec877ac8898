"""Terms to the passages they stand in, scored by BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework"
(2009), with Lucene's +1 inside the logarithm.

What is kept are counts, a byte each, so that scores are exact and a list can be carried over into the next index. A term
in more than every eighth passage is a row of a table, a byte for every passage: smaller than a list, and adding up
twenty of them is one multiplication.
"""

from dataclasses import dataclass, fields

import numpy as np

K1, B = 1.2, 0.75  # BM25's usual constants; within a persona they hardly matter
COMMON = 8  # one passage in so many
MOST = 255  # that a count can say


@dataclass(frozen=True, slots=True)
class Asked:
    """Terms of a question and how much of its weight each of them has; one that stands there twice counts twice."""

    keys: np.ndarray  # int64
    shares: np.ndarray  # float32

    @classmethod
    def of(cls, keys, share=1.0):
        return cls(keys, np.full(len(keys), share, np.float32))

    def __add__(self, other):
        return Asked(np.concatenate([self.keys, other.keys]), np.concatenate([self.shares, other.shares]))

    def __len__(self):
        return len(self.keys)

    def __getitem__(self, places):
        return Asked(self.keys[places], self.shares[places])


@dataclass(frozen=True, slots=True)
class Postings:
    """Term i stands in ``rows[first[i]:first[i+1]]``, or, when it is common, in a row of ``table``."""

    keys: np.ndarray  # int64, sorted
    spread: np.ndarray  # int32: in how many passages each stands
    first: np.ndarray  # int64
    rows: np.ndarray  # int32, ascending within a term
    counts: np.ndarray  # uint8, of the term in that passage
    common: np.ndarray  # int32 [terms]: its row of the table, or -1
    table: np.ndarray  # uint8 [common terms, passages]
    lengths: np.ndarray  # int32: terms in each passage
    norms: np.ndarray  # float32: K1 (1 - B + B length/mean length)

    def find(self, keys):
        """The places of those keys that are known, and which of the keys they are."""
        if not len(self.keys) or not len(keys):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = np.flatnonzero(self.keys[places] == keys)
        return places[known], known

    def score(self, asked):
        """BM25 of every passage for the terms Asked: float64 [passages]."""
        places, known = self.find(asked.keys)
        return self._score(places, asked.shares[known])

    def scan(self, asked, most):
        """(BM25 of every passage for the rarest of the terms Asked, the rows where it is not 0, the other terms), for a
        first look: the common terms wait, and so do those with which more than ``most`` counts would have to be added
        up."""
        places, known = self.find(asked.keys)
        cost = np.where(self.common[places] < 0, self.spread[places], most + 1).astype(np.int64)
        order = np.argsort(cost, kind="stable")
        within = int(np.searchsorted(np.cumsum(cost[order]), most, side="right"))
        now = order[:within]
        scores, rows = self._score_listed(places[now], self._weigh(places[now], asked.shares[known][now]))
        return scores, rows, asked[known[order[within:]]]

    def score_rows(self, asked, rows):
        """BM25 of some passages, ascending, for the terms Asked: float64 [rows]."""
        places, known = self.find(asked.keys)
        weights, columns = self._weigh(places, asked.shares[known]), self.common[places]
        scores = self._score_common(columns[columns >= 0], weights[columns >= 0], rows)
        for place in np.flatnonzero(columns < 0).tolist():
            first, last = int(self.first[places[place]]), int(self.first[places[place] + 1])
            near = np.searchsorted(self.rows[first:last], rows)
            near = np.minimum(near, last - first - 1) + first
            counts = np.where(self.rows[near] == rows, self.counts[near], 0).astype(np.float32)
            scores += weights[place] * counts / (counts + self.norms[rows])
        return scores

    def weigh(self, keys, size):
        """BM25's weight of rareness for each key among ``size`` passages, also of those that stand nowhere."""
        places, known = self.find(keys)
        spread = np.zeros(len(keys))
        spread[known] = self.spread[places]
        return np.log(1 + (size - spread + 0.5) / (spread + 0.5))

    def _weigh(self, places, shares):
        spread = self.spread[places]
        rareness = np.log(1 + (len(self.norms) - spread + 0.5) / (spread + 0.5))
        return (rareness * (K1 + 1) * shares).astype(np.float32)

    def _score(self, places, shares):
        weights, columns = self._weigh(places, shares), self.common[places]
        listed = columns < 0
        scores, _ = self._score_listed(places[listed], weights[listed])
        return scores + self._score_common(columns[~listed], weights[~listed])

    def _score_listed(self, places, weights):
        """(scores of every passage, the rows that have one, some of them repeatedly)."""
        if not len(places):
            return np.zeros(len(self.norms)), np.zeros(0, np.int32)
        spans = list(zip(self.first[places].tolist(), self.first[places + 1].tolist(), strict=True))
        rows = np.concatenate([self.rows[first:last] for first, last in spans])
        counts = np.concatenate([self.counts[first:last] for first, last in spans]).astype(np.float32)
        weights = np.repeat(weights, self.spread[places])
        return np.bincount(rows, weights * counts / (counts + self.norms[rows]), minlength=len(self.norms)), rows

    def _score_common(self, columns, weights, rows=None):
        if not len(columns):
            return np.zeros(len(self.norms) if rows is None else len(rows))
        counts = self.table[columns] if rows is None else self.table[columns[:, None], rows]
        norms = self.norms if rows is None else self.norms[rows]
        counts = counts.astype(np.float32)
        return (weights @ (counts / (counts + norms))).astype(np.float64)


PARTS = tuple(field.name for field in fields(Postings))


@dataclass(frozen=True, slots=True)
class Tally:
    """The terms of a run of passages, counted: what postings are merged from."""

    keys: np.ndarray  # int64, sorted, each once
    spread: np.ndarray  # int32
    rows: np.ndarray  # int32, by term, ascending within a term
    counts: np.ndarray  # uint8
    lengths: np.ndarray  # int32 [passages of the run]


def tally(keyed, start):
    """The Tally of passages given as their terms' keys, the first of them in row ``start``."""
    lengths = np.array([len(keys) for keys in keyed], np.int32)
    keys = np.concatenate([np.zeros(0, np.int64), *keyed])
    rows = np.repeat(np.arange(start, start + len(keyed), dtype=np.int32), lengths)
    order = np.argsort(keys, kind="stable")
    keys, rows = keys[order], rows[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (rows[1:] != rows[:-1])
    begins = np.flatnonzero(fresh)
    counts = np.minimum(np.diff(np.append(begins, len(keys))), MOST).astype(np.uint8)
    known, spread = np.unique(keys[begins], return_counts=True)
    return Tally(known, spread.astype(np.int32), rows[begins], counts, lengths)


def merge(tallies):
    """The arrays of Postings as {name: array}, from tallies in the order of their rows. Nothing is sorted twice: each
    tally's counts go where its terms' lists have grown to."""
    lengths = np.concatenate([np.zeros(0, np.int32), *(one.lengths for one in tallies)])
    size = len(lengths)
    keys = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.keys for one in tallies)]))
    spread = np.zeros(len(keys), np.int32)
    for one in tallies:
        spread[np.searchsorted(keys, one.keys)] += one.spread
    frequent = spread > size // COMMON
    common = np.where(frequent, np.cumsum(frequent) - 1, -1).astype(np.int32)
    first = np.append(0, np.cumsum(np.where(frequent, 0, spread), dtype=np.int64))
    rows, counts = np.zeros(first[-1], np.int32), np.zeros(first[-1], np.uint8)
    table = np.zeros((int(frequent.sum()), size), np.uint8)
    grown = first[:-1].copy()
    for one in tallies:
        places = np.searchsorted(keys, one.keys)
        columns = np.repeat(common[places], one.spread)
        listed = columns < 0
        begins = np.cumsum(one.spread) - one.spread
        target = np.repeat(grown[places] - begins, one.spread) + np.arange(len(one.rows))
        rows[target[listed]], counts[target[listed]] = one.rows[listed], one.counts[listed]
        table[columns[~listed], one.rows[~listed]] = one.counts[~listed]
        grown[places] += np.where(frequent[places], 0, one.spread)
    mean = max(float(lengths.mean()), 1.0) if size else 1.0
    norms = (K1 * (1 - B + B * lengths / mean)).astype(np.float32)
    values = (keys, spread, first, rows, counts, common, table, lengths, norms)
    return dict(zip(PARTS, values, strict=True))
