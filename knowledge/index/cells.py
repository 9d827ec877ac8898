"""A first look at the vectors of a large persona: which passages may be near a question.

Every vector is kept once more with its 96 strongest directions only (principal components of the persona's own vectors,
not centred, so that what remains approximates the cosine), a byte each. Of 4,653 real questions over 5,262 passages, 99.4 % of the
ten nearest passages are among the 500 that look nearest so. From MANY passages on they lie in cells around centres found
by k-means (an inverted file: Jégou, Douze and Schmid, "Product Quantization for Nearest Neighbor Search", 2011), and
only the cells nearest to the question are gone through.
"""

from dataclasses import dataclass, fields

import numpy as np

DIRECTIONS = 96
MANY = 50_000  # passages; fewer are gone through quicker than cells are chosen
LEVELS = 127
AT_ONCE = 1_000  # vectors made into float32
SAMPLE = 50_000  # vectors that directions and centres are learned from
ROUNDS = 8  # of k-means
BLOCK = 8_192  # vectors compared with all centres at a time
SEARCHED = 40_000  # passages to go through, about; but no fewer than FEWEST cells
FEWEST = 24


@dataclass(frozen=True, slots=True)
class Cells:
    """Cell i holds ``rows[first[i]:first[i+1]]``; without centres all rows lie in order in one."""

    directions: np.ndarray  # float32 [width, 96]
    centres: np.ndarray  # float32 [cells, 96]
    first: np.ndarray  # int64 [cells + 1]
    rows: np.ndarray  # int32 [passages], or [0]
    vectors: np.ndarray  # int8 [passages, 96], in the order of the cells
    scale: np.ndarray  # float32 [1], of all of them

    @property
    def divided(self):
        """Whether only some cells are gone through."""
        return len(self.centres) > 0

    def near(self, vector):
        """(rows, about their cosines) of the passages that may be near a unit vector."""
        short = vector @ self.directions
        if not self.divided:
            return np.arange(len(self.vectors)), _multiply(self.vectors, short * self.scale)
        chosen = self._choose(short)
        spans = list(zip(self.first[chosen].tolist(), self.first[chosen + 1].tolist(), strict=True))
        rows = np.concatenate([self.rows[first:last] for first, last in spans])
        vectors = np.concatenate([self.vectors[first:last] for first, last in spans])
        return rows, _multiply(vectors, short * self.scale)

    def _choose(self, short):
        count = len(self.centres)
        most = min(count, max(FEWEST, SEARCHED * count // len(self.rows)))
        return np.argpartition(-(self.centres @ short), most - 1)[:most]


PARTS = tuple(field.name for field in fields(Cells))


def compute(codes):
    """The arrays of Cells as {name: array} for Codes of passages. The same vectors always give the same cells."""
    random = np.random.default_rng(len(codes))
    sample = codes.decode(np.sort(random.choice(len(codes), min(len(codes), SAMPLE), replace=False)))
    _, directions = np.linalg.eigh(sample.T @ sample)
    directions = np.ascontiguousarray(directions[:, ::-1][:, :DIRECTIONS], np.float32)
    vectors = np.concatenate([codes.decode(block) @ directions for block in _blocks(len(codes))])
    scale = np.float32(max(np.abs(vectors).max(initial=0), 1e-9) / LEVELS)
    if len(codes) < MANY:
        centres, rows, first = np.zeros((0, directions.shape[1]), np.float32), np.zeros(0, np.int32), np.zeros(1, int)
        return dict(zip(PARTS, (directions, centres, first, rows, _shorten(vectors, scale), scale[None]), strict=True))
    centres = _learn(sample @ directions, int(2 * len(codes) ** 0.5), random)
    owners = _assign(vectors, centres)
    rows = np.argsort(owners, kind="stable").astype(np.int32)
    first = np.append(0, np.cumsum(np.bincount(owners, minlength=len(centres)), dtype=np.int64))
    vectors = _shorten(vectors, scale)[rows]
    return dict(zip(PARTS, (directions, centres, first, rows, vectors, scale[None]), strict=True))


def _learn(vectors, count, random):
    """Centres of k-means by direction (unit length, as cosines are compared)."""
    centres = _unit(vectors[random.choice(len(vectors), count, replace=False)])
    for _ in range(ROUNDS):
        owners = _assign(vectors, centres)
        order = np.argsort(owners, kind="stable")
        held = np.bincount(owners, minlength=count)
        begins = np.minimum(np.cumsum(held) - held, len(vectors) - 1)
        sums = np.add.reduceat(vectors[order], begins)
        sums[held == 0] = vectors[random.choice(len(vectors), int((held == 0).sum()))]  # an empty cell starts anew
        centres = _unit(sums)
    return centres


def _assign(vectors, centres):
    nearest = [np.argmax(vectors[block] @ centres.T, axis=1) for block in _blocks(len(vectors))]
    return np.concatenate(nearest)


def _shorten(vectors, scale):
    return np.rint(vectors / scale).astype(np.int8)


def _multiply(vectors, short):
    """By a vector, so many at a time that what is made of the bytes stays near the processor."""
    products = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), AT_ONCE):
        block = slice(start, start + AT_ONCE)
        products[block] = vectors[block].astype(np.float32) @ short
    return products


def _blocks(count):
    return [slice(start, start + BLOCK) for start in range(0, count, BLOCK)]


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
