"""Unit vectors as an index keeps them: numbers of 32 bits in a small one, of 8 bits, with a scale each, in a large one.

A byte a number is a quarter of the memory to go through, and numpy turns bytes into float32 fifteen times as fast as
float16 (measured). A cosine is then out by 0.0005, which no order of passages that people would notice depends on.
"""

from dataclasses import dataclass, fields

import numpy as np

LEVELS = 127


@dataclass(frozen=True, slots=True)
class Codes:
    """Vector i is ``numbers[i] × scales[i]``; of float32 numbers there are no scales."""

    numbers: np.ndarray  # float32 or int8 [vectors, width]
    scales: np.ndarray  # float32 [vectors], or [0]

    def __len__(self):
        return len(self.numbers)

    @property
    def arrays(self):
        """As {name: array}."""
        return {name: getattr(self, name) for name in PARTS}

    def cosines(self, vector, rows=slice(None)):
        """The cosine of each vector, or of those in some rows, with a unit vector: float32."""
        numbers = self.numbers[rows]
        if not len(self.scales):
            return numbers @ vector
        return numbers.astype(np.float32) @ vector * self.scales[rows]

    def decode(self, rows=slice(None)):
        """The vectors in some rows as float32."""
        if not len(self.scales):
            return self.numbers[rows]
        return self.numbers[rows].astype(np.float32) * self.scales[rows][:, None]


PARTS = tuple(field.name for field in fields(Codes))


def encode(vectors, small):
    """Codes of float16 or float32 vectors [n, width]: with all their bits for a ``small`` index."""
    vectors = vectors.astype(np.float32)
    if small:
        return Codes(vectors, np.zeros(0, np.float32))
    scales = np.abs(vectors).max(axis=1, initial=0) / LEVELS
    numbers = np.rint(vectors / np.where(scales, scales, 1)[:, None]).astype(np.int8)
    return Codes(numbers, scales.astype(np.float32))


def join(parts, width):
    """Codes of one kind, one after the other."""
    if not parts:
        return encode(np.zeros((0, width), np.float32), small=True)
    return Codes(*(np.concatenate([getattr(one, name) for one in parts]) for name in PARTS))
