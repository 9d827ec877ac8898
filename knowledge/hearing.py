"""A question as it was probably meant: without hesitation, and words that stand nowhere read as ones that do. Pure.

A word is read otherwise only when the persona's documents do not have it, in any inflection, and it is no word of the
language as far as anybody here knows: so a question spelt right stays as it is, rare words and all. What is guessed comes
on top of what was asked and counts for less.
"""

import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from knowledge.index import vocabulary, word_keys
from knowledge.language import hesitation, sounds, stopwords, terms, tongues
from knowledge.language.scripts import base

SHARE = 0.6  # of a word's weight that a guess has: of 0.5 to 0.7 the one that is best both written and heard (XQuAD)
SHORTEST = 4  # letters of a word that is read otherwise
SHORTEST_HALF = 2  # letters of either of two words that were run together
# What a reading costs, beside an edit's 1. A first letter is seldom misheard; a word torn in two is rarer than a letter
# wrong; and of two words as near as each other the commoner one, or the one that sounds the same, was meant.
OTHER_INITIAL, TORN, ALIKE, COMMONNESS = 0.3, 1.3, 0.3, 0.05
SWALLOWED = 1.5  # a syllable left out: "Elly" for "Ellery"
OF_THE_LANGUAGE = 50  # how often a stop word counts as standing in the documents


@dataclass(frozen=True, slots=True)
class Heard:
    text: str  # as it was probably meant
    asked: str  # as it came, without hesitation
    languages: tuple = ("en",)  # it may be in, likeliest first
    guesses: str = ""  # the words of text that were guessed


def hear(question, index, is_word=lambda word: False):
    """The question Heard against an index, in the languages it may be in. ``is_word`` says of a folded word whether some
    language has it."""
    languages = tongues.consider(question, index.languages)
    source = unicodedata.normalize("NFKC", question)
    tokens = list(terms.TOKEN.finditer(source))
    spoken = [match.group() for match in tokens]
    listener = _Listener(index, is_word, languages)
    words = [_Word(word.casefold(), terms.fold(word)) for word in spoken]
    asked = listener.leave_out_hesitation(words, spoken)
    read, guesses = listener.read(words, asked)
    if read == spoken or not any(read):
        return Heard(question, question, languages)
    text = _put_together(source, tokens, read)
    return Heard(text, text if read == asked else _put_together(source, tokens, asked), languages, " ".join(guesses))


@dataclass(frozen=True, slots=True)
class _Word:
    word: str  # in small letters
    folded: str


@dataclass(frozen=True, slots=True)
class _Listener:
    index: object
    is_word: object
    languages: tuple  # that the question may be in

    @property
    def stops(self):
        """The stop words of all of the persona's languages."""
        return _stops(self.index.languages)

    def leave_out_hesitation(self, words, spoken):
        """The words spoken, "" in place of sounds of hesitation: at the start always, elsewhere when no document has
        such a word."""
        made = _sounds(self.languages)
        return [
            "" if one.folded in made and (place == 0 or not self._stand_there([one.word])[0]) else word
            for place, (one, word) in enumerate(zip(words, spoken, strict=True))
        ]

    def read(self, words, asked):
        """(each word as it was probably meant, the guesses)."""
        read, guesses = list(asked), []
        for place in self._strange(words, asked):
            if read[place] != asked[place] or not read[place]:
                continue  # joined with the one before
            joined = self._join(words, read, place)
            if joined:
                first, whole = joined
                read[first], read[first + 1] = whole, ""
                guesses.append(whole)
            elif len(words[place].folded) >= SHORTEST and (reading := self._guess(words[place].folded)):
                read[place] = reading
                guesses.append(reading)
        return read, guesses

    def _strange(self, words, asked):
        """The places of words of letters that nobody knows."""
        stops = self.stops
        places = [
            place
            for place, one in enumerate(words)
            if asked[place] and len(one.folded) > 2 and one.folded not in stops and _is_spelt(one.folded)
        ]
        there = self._stand_there([words[place].word for place in places])
        return [
            place
            for place, known in zip(places, there, strict=True)
            if not known and not self.is_word(words[place].folded)
        ]

    def _stand_there(self, words):
        """Whether a document has each word, inflected in any way."""
        known = np.zeros(len(words), bool)
        for language in self.index.languages if words else ():
            stems = [found[0] if found else "" for found in terms.words_in_each(words, language)]
            known[self.index.words.find(word_keys(stems))[1]] = True
        return known.tolist()

    def _join(self, words, read, place):
        """(place of the first, the whole) when the word and a neighbour are one word torn in two, or None."""
        for first in (place, place - 1):
            if not 0 <= first < len(words) - 1 or not read[first] or not read[first + 1]:
                continue
            whole = words[first].folded + words[first + 1].folded
            if len(whole) > SHORTEST and _is_spelt(whole) and (spelling := self._spell(whole)):
                return first, spelling
        return None

    def _spell(self, folded):
        """A known word as it is spelt, or None."""
        if folded in self.stops or self.is_word(folded):
            return folded
        places = self.index.vocabulary.find(folded)
        return self.index.vocabulary.word(places[0]) if places else folded if self._stand_there([folded])[0] else None

    def _guess(self, folded):
        """The reading of a strange word that costs least, or None."""
        found = self._near(folded)
        if not found or min(found)[0] > TORN - COMMONNESS * math.log(OF_THE_LANGUAGE):
            found += self._torn(folded)
        return min(found)[1] if found else None

    def _near(self, folded):
        """[(cost, word), …] of one edit, else of what sounds the same, of two edits, or with a syllable more."""
        book = self.index.vocabulary
        found = book.near(folded, 1)
        if not found:
            found = [(place, ALIKE + 1) for place in book.alike(folded) if abs(book.sizes[place] - len(folded)) < 3]
        if not found:
            found = book.near(folded, 2)
            if len(folded) < vocabulary.TWICE:
                found = [
                    (place, SWALLOWED) for place, _ in found if _is_shortened(folded, terms.fold(book.word(place)))
                ]
        sound = vocabulary.sound_key(sounds.key(folded)) if len(found) > 1 else 0
        return [
            (
                apart
                + OTHER_INITIAL * (book.initials[place] != ord(folded[0]))
                - ALIKE * (sound != 0 and book.sounds[place] == sound)
                - COMMONNESS * math.log(book.counts[place] + 1),
                book.word(place),
            )
            for place, apart in found
        ]

    def _torn(self, folded):
        """[(cost, two words), …] for a word that was two."""
        found = []
        for place in range(SHORTEST_HALF, len(folded) - SHORTEST_HALF + 1):
            one, other = folded[:place], folded[place:]
            first = self._commonness(one)
            second = self._commonness(other) if first else 0
            if second:
                found.append((TORN - COMMONNESS * math.log(min(first, second)), f"{one} {other}"))
        return found

    def _commonness(self, folded):
        if folded in self.stops:
            return OF_THE_LANGUAGE
        if len(folded) < vocabulary.SHORTEST:
            return 0
        book = self.index.vocabulary
        return max([2 * self.is_word(folded), *(int(book.counts[place]) for place in book.find(folded))])


@lru_cache(maxsize=64)
def _stops(languages):
    return frozenset(terms.fold(word) for one in languages for word in stopwords.WORDS.get(base(one), ()))


@lru_cache(maxsize=64)
def _sounds(languages):
    return frozenset(terms.fold(sound) for one in languages for sound in hesitation.SOUNDS.get(base(one), ()))


def _is_spelt(folded):
    """Whether a word is of letters, with spaces around it: no number, no run of a script without spaces."""
    return not any(letter.isdigit() for letter in folded) and not (
        folded[0] > terms.LAST_SPACED and terms.UNSPACED.match(folded)
    )


def _is_shortened(short, long):
    """Whether two neighbouring letters of the long word, and no others, are missing inside the short one."""
    return len(long) == len(short) + 2 and any(
        short == long[:place] + long[place + 2 :] for place in range(1, len(short))
    )


def _put_together(source, tokens, words):
    """The text with each token replaced."""
    parts, last = [], 0
    for match, word in zip(tokens, words, strict=True):
        parts += [source[last : match.start()], word]
        last = match.end()
    return " ".join("".join([*parts, source[last:]]).split())
