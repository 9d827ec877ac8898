"""The words a persona's documents are written with, and which of them a word may have been. Pure.

Every word carries two bit masks, of its letters and of its pairs of letters: one edit changes at most two letters and six
pairs, so that two exclusive-ors over the words of like length leave a handful to compare exactly. That needs 30 bytes a
word; a neighbourhood of deletions would need a thousand.
"""

from collections import Counter
from dataclasses import dataclass, fields

import numpy as np

from knowledge.language import sounds, stopwords, terms
from knowledge.language.scripts import base

SHORTEST, LONGEST = 3, 40  # letters of the words that are kept
TWICE = 8  # letters from which a word may have two edits
LETTER_BITS, PAIR_BITS = 2, 6  # that one edit changes at most
EDGE = 0x7B  # stands before and behind a word, when pairs are made


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words by length. ``words[i]`` is UTF-8 in ``text[ends[i-1]:ends[i]]``."""

    text: np.ndarray  # uint8
    ends: np.ndarray
    sizes: np.ndarray  # letters of each word, folded; ascending
    letters: np.ndarray  # uint64 masks
    pairs: np.ndarray
    counts: np.ndarray  # how often it stands in the documents
    initials: np.ndarray  # uint32 code points of the first letter
    sounds: np.ndarray  # int64 keys of how it sounds; 0 where that is not known

    def word(self, place):
        """As it stands in the documents, in small letters."""
        first = self.ends[place - 1] if place else 0
        return self.text[first : self.ends[place]].tobytes().decode()

    def find(self, folded):
        """The places of words that are this one but for accents."""
        first, last = self.sizes.searchsorted((len(folded), len(folded) + 1)).tolist()
        same = (self.pairs[first:last] == mask_pairs(folded)).nonzero()[0]
        return [place for place in (same + first).tolist() if terms.fold(self.word(place)) == folded]

    def near(self, folded, edits):
        """[(place, distance), …] of the words at most so many edits away, in no order; with two edits only words that
        begin with one of its first two letters, for the first letter is seldom wrong."""
        first, last = self.sizes.searchsorted((len(folded) - edits, len(folded) + edits + 1)).tolist()
        near = np.bitwise_count(self.letters[first:last] ^ mask_letters(folded)) <= LETTER_BITS * edits
        near &= np.bitwise_count(self.pairs[first:last] ^ mask_pairs(folded)) <= PAIR_BITS * edits
        if edits > 1:
            initials = self.initials[first:last]
            near &= (initials == ord(folded[0])) | (initials == ord(folded[1]))
        apart = [
            (place, distance(folded, terms.fold(self.word(place)), edits))
            for place in (near.nonzero()[0] + first).tolist()
        ]
        return [(place, far) for place, far in apart if far <= edits]

    def alike(self, folded):
        """The places of words that sound like this one; of a word with hardly a consonant nothing is said."""
        key = sounds.key(folded)
        return (self.sounds == sound_key(key)).nonzero()[0].tolist() if len(key) >= SHORTEST else []


PARTS = tuple(field.name for field in fields(Vocabulary))


def compute(texts, languages=()):
    """The arrays of a vocabulary as {name: array}: of the texts' words, and of the stop words of their languages."""
    counted = Counter(word for language in languages for word in stopwords.WORDS.get(base(language), ()))
    for text in texts:
        counted.update(terms.surface_words(text))
    folded = {word: terms.fold(word) for word in counted}
    words = sorted(
        (word for word in counted if SHORTEST <= len(folded[word]) <= LONGEST),
        key=lambda word: (len(folded[word]), word),
    )
    encoded = [word.encode() for word in words]
    return {
        "text": np.frombuffer(b"".join(encoded), np.uint8),
        "ends": np.cumsum([len(one) for one in encoded], dtype=np.int64),
        "sizes": np.array([len(folded[word]) for word in words], np.int32),
        "letters": np.array([mask_letters(folded[word]) for word in words], np.uint64),
        "pairs": np.array([mask_pairs(folded[word]) for word in words], np.uint64),
        "counts": np.array([counted[word] for word in words], np.int32),
        "initials": np.array([ord(folded[word][0]) for word in words], np.uint32),
        "sounds": np.array([sound_key(sounds.key(folded[word])) for word in words], np.int64),
    }


def mask_letters(word):
    """Which letters are in a word, as 64 bits."""
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return np.uint64(mask)


def mask_pairs(word):
    """Which pairs of neighbouring letters are in a word, its edges being letters too, as 64 bits."""
    mask, before = 0, EDGE
    for letter in [*map(ord, word), EDGE]:
        mask |= 1 << ((before * 37 + letter * 11) & 63)
        before = letter
    return np.uint64(mask)


def distance(one, other, most):
    """Edits between two words: letters changed, dropped, put in, or two neighbours swapped (Damerau's, each stretch
    edited once). Counting stops above ``most``."""
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    if not one or not other:
        return len(one) + len(other)
    if abs(len(one) - len(other)) > most:
        return most + 1
    before, above = None, list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        row = [place]
        for column, wanted in enumerate(other, 1):
            best = min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != wanted))
            if place > 1 and column > 1 and letter == other[column - 2] and one[place - 2] == wanted:
                best = min(best, before[column - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        before, above = above, row
    return above[-1]


def sound_key(sound):
    return int.from_bytes(sound.encode()[:7].ljust(8, b"\0"), "big") if sound else 0
