"""Made-up libraries for measuring: passages that read like none, but whose words and vectors behave like real ones.

Words follow Zipf's law, function words first; every passage has a topic whose words it prefers, and topics have fields
in common. A sentence's vector is made of its words' and its topic's, a passage's of its sentences', so that what shares
words is near in meaning, as with a real model. Spectrum and cosines are set by those of all-MiniLM-L6-v2 over 5,262
passages of SQuAD, XQuAD and COVID-QA. A question is asked of one sentence, in some of its words.
"""

from dataclasses import dataclass

import numpy as np

WIDTH = 384
SENTENCES, WORDS = 6, 17  # of a passage; about what SQuAD's paragraphs and our own splitting have
VOCABULARY = 40_000
OF_WORDS, OF_FIELD, OF_NOISE = 0.7, 0.55, 0.6  # what a sentence's vector is made of
ASIDE = 0.9  # how far a question is from its sentence
OF_TOPIC = 0.35  # of the words of a sentence
COMMONEST = """the of and to in a is that for it as was with be by on not he his but at are this have from or had an they
    which one were all their there been has when who will more no if out so what up about into than them can only other
    new some could time these two may then do first any my now such like our over me even most made after"""
FUNCTION = COMMONEST.split()
CONSONANTS, VOWELS = "bcdfghklmnprstvw", "aeiou"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One persona's passages."""

    texts: list
    spans: list  # per passage, (start, end) of its sentences
    vectors: np.ndarray  # float16 [passages, 384]
    sentence_vectors: np.ndarray  # float16 [passages × SENTENCES, 384]


@dataclass(frozen=True, slots=True)
class Asked:
    text: str
    vector: np.ndarray  # float32 [384]


class Language:
    """The words of all libraries, how often they come, and what they mean."""

    def __init__(self, seed=7):
        random = np.random.default_rng(seed)
        self.words = FUNCTION + _spell(random, VOCABULARY - len(FUNCTION))
        shares = 1 / np.arange(2, VOCABULARY + 2) ** 1.05
        self.bounds = np.cumsum(shares / shares.sum())
        fall = np.arange(1, WIDTH + 1) ** -0.45
        turn, _ = np.linalg.qr(random.standard_normal((WIDTH, WIDTH)))
        self.turn = (turn * fall[:, None]).astype(np.float32)
        self.mean = 0.2 * turn[0].astype(np.float32)
        meanings = random.standard_normal((VOCABULARY, WIDTH), dtype=np.float32) @ self.turn
        rareness = np.log(np.arange(2, VOCABULARY + 2)) ** 1.5
        rareness[: len(FUNCTION)] *= 0.1
        self.meanings = _unit(meanings) * (rareness / rareness.max()).astype(np.float32)[:, None]

    def draw(self, random, shape):
        """Words by how often they come."""
        return np.minimum(np.searchsorted(self.bounds, random.random(shape)), VOCABULARY - 1)

    def noise(self, random, count):
        """Unit vectors of no meaning with the model's spectrum, float32 [count, 384]."""
        return _unit(random.standard_normal((count, WIDTH), dtype=np.float32) @ self.turn)


def fill(language, count, seed):
    """A Shelf of that many passages; the same seed gives the same."""
    random = np.random.default_rng(seed)
    topics = language.draw(random, (max(count // 25, 2), 60)) * 7 % (VOCABULARY - 200) + 200
    fields = language.noise(random, len(topics) // 20 + 1)[random.integers(len(topics) // 20 + 1, size=len(topics))]
    centres = _unit(0.8 * fields + language.noise(random, len(topics)))
    texts, spans, whole, inner = [], [], [], []
    for start in range(0, count, 1_000):
        topic = random.integers(len(topics), size=min(1_000, count - start))
        words = _write(language, random, topics[topic])
        found = _unit(language.meanings[words].sum(axis=2).reshape(-1, WIDTH))
        found = OF_WORDS * found + OF_FIELD * np.repeat(centres[topic], SENTENCES, axis=0) + language.mean
        found = _unit(found + OF_NOISE * language.noise(random, len(found)))
        passages = found.reshape(-1, SENTENCES, WIDTH).mean(axis=1)
        whole.append(_unit(passages + 0.1 * language.noise(random, len(passages))).astype(np.float16))
        inner.append(found.astype(np.float16))
        for passage in words.tolist():
            text, places = _join([" ".join([language.words[word] for word in sentence]) for sentence in passage])
            texts.append(text)
            spans.append(places)
    return Shelf(texts, spans, np.concatenate(whole), np.concatenate(inner))


def ask(language, shelf, count, seed):
    """Questions about a shelf, each of one sentence of one passage, with their vectors."""
    random = np.random.default_rng(seed)
    asked = []
    for passage, sentence in zip(
        random.integers(len(shelf.texts), size=count), random.integers(SENTENCES, size=count), strict=True
    ):
        start, end = shelf.spans[passage][sentence]
        words = [word for word in shelf.texts[passage][start : end - 1].split() if word not in FUNCTION]
        kept = random.permutation(words)[:5].tolist()
        meant = shelf.sentence_vectors[passage * SENTENCES + sentence].astype(np.float32)
        vector = _unit(meant[None] + ASIDE * language.noise(random, 1))[0]
        asked.append(Asked(f"what is the {' '.join(kept[:3])} of the {' '.join(kept[3:])}?", vector))
    return asked


def _write(language, random, topics):
    """Words of passages on these topics: int [passages, SENTENCES, WORDS]."""
    words = language.draw(random, (len(topics), SENTENCES, WORDS))
    places = np.minimum(random.geometric(0.06, words.shape) - 1, topics.shape[1] - 1)
    preferred = topics[np.arange(len(topics))[:, None, None], places]
    return np.where(random.random(words.shape) < OF_TOPIC, preferred, words)


def _join(sentences):
    places, start = [], 0
    for sentence in sentences:
        places.append((start, start + len(sentence) + 1))
        start += len(sentence) + 2
    return ". ".join(sentences) + ".", places


def _spell(random, count):
    """Words of two to four syllables, each once."""
    syllables = [consonant + vowel for consonant in CONSONANTS for vowel in VOWELS]
    drawn, lengths = random.integers(len(syllables), size=(2 * count, 4)), random.integers(2, 5, size=2 * count)
    endings = random.choice(["", "n", "s", "r"], 2 * count).tolist()
    words = {}
    for numbers, length, ending in zip(drawn.tolist(), lengths.tolist(), endings, strict=True):
        words["".join([syllables[number] for number in numbers[:length]]) + ending] = None
    return [word for word in words if word not in FUNCTION][:count]


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
