"""Sound into text: a closed list of expected sentences, and a judgement whether it was one of them.

Free recognition of English is not good enough with what runs on a small machine; a list of a few hundred expected
sentences is. Every sentence is a path through one grammar; what does not sound like any of them is refused by
comparing its score with that of a loop over all phones, which fits anything.
"""

import asyncio
import logging
import math
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pocketsphinx

from voice.standin import sound

logger = logging.getLogger("standin")

ALWAYS = [
    "Hello.",
    "Hi.",
    "Good morning.",
    "Good afternoon.",
    "How are you?",
    "Who are you?",
    "What can you do?",
    "Can you hear me?",
    "Thank you.",
    "Thank you very much.",
    "Goodbye.",
    "Bye bye.",
    "That is all, thank you.",
    "No, thank you, that is all.",
    "End the call.",
    "Say that again.",
    "Repeat.",
    "Please repeat that.",
    "Slower.",
    "Slower, please.",
    "Faster.",
    "Faster, please.",
    "Speak slower, please.",
    "Show sources.",
    "Show the sources.",
    "Show me the source.",
    "Stop.",
    "Stop speaking.",
    "Hang up.",
    "Yes.",
    "No.",
]
# Measured on 20 expected and 20 foreign sentences each in 8 voices of flite and espeak-ng: expected ones lie within
# 1.9 (flite) or about 3.3 (espeak-ng) of the phone loop; foreign ones beyond that, or with much left unexplained.
FAR_FROM_ANY = 3.3
UNEXPLAINED_FRAMES = 105
UNEXPLAINED_SHARE = 0.8
FRAMES_A_SECOND = 100
UNDERFLOW = -745.0  # what the decoder gives as 0 is at least as unlikely as the smallest double
# The model was not trained on digital silence: what synthesisers leave between sounds breaks words apart.
HISS = np.random.default_rng(0).normal(0, 12, sound.RATE * 30)
PHONES = {
    "AX": "AH",
    "AXR": "ER",
    "IX": "IH",
    "UX": "UW",
    "EL": "AH L",
    "EM": "AH M",
    "EN": "AH N",
    "DX": "T",
    "NX": "N",
    "HV": "HH",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a phone or a silence in the sound: frames `first` to `last`, with its log probability."""

    word: str
    first: int
    last: int
    score: float

    @classmethod
    def read(cls, segment) -> "Piece":
        """From a decoder's segment; alternative pronunciations lose their number."""
        score = math.log(segment.ascore) if segment.ascore > 0 else UNDERFLOW
        return cls(re.sub(r"\(\d+\)$", "", segment.word), segment.start_frame, segment.end_frame, score)

    @property
    def frames(self) -> int:
        """How many hundredths of a second it lasts."""
        return self.last - self.first + 1

    @property
    def is_word(self) -> bool:
        """Whether it is neither silence nor noise."""
        return not self.word.startswith(("<", "[", "("))

    def share(self, first: int, last: int) -> float:
        """Which part of it lies in these frames, 0 to 1."""
        return max(0, min(self.last, last) - max(self.first, first) + 1) / self.frames


class Recogniser:
    """Understands the sentences it expects. `note` tells a person how many, and which it cannot know."""

    def __init__(self, file: Path | None = None, more: tuple[str, ...] = ()):
        self.file, self.more = file, more
        self.changed_at = None
        self.sentences: dict[tuple[str, ...], str] = {}
        self.left_out: list[str] = []
        self._lock = threading.Lock()
        self._decoder = None

    @property
    def note(self) -> str:
        """One sentence about what is understood."""
        lost = f" ({len(self.left_out)} left out: words without a pronunciation)" if self.left_out else ""
        return f"Listening for {len(self.sentences)} sentences{lost}; whatever else is said is not understood."

    async def recognise(self, pcm: bytes) -> str | None:
        """The expected sentence that was said, as it stands in the list, or None."""
        return await asyncio.to_thread(self.recognise_now, pcm)

    def recognise_now(self, pcm: bytes) -> str | None:
        """The same, in this thread; it takes about a tenth of the time that the sound lasts."""
        with self._lock:
            self._refresh()
            noisy = _add_hiss(pcm)
            said = [piece for piece in self._decode("expected", noisy) if piece.is_word]
            words = tuple(piece.word for piece in said)
            if words not in self.sentences:
                return None
            explained = sum(piece.frames for piece in said)
            unexplained = len(pcm) / 2 / sound.RATE * FRAMES_A_SECOND - explained
            if unexplained > max(UNEXPLAINED_FRAMES, explained * UNEXPLAINED_SHARE):
                return None
            far = _distance(said, self._decode("phones", noisy))
            logger.debug("Heard %r at a distance of %.1f", self.sentences[words], far)
            return self.sentences[words] if far < FAR_FROM_ANY else None

    def prepare(self) -> None:
        """Load the model and the sentences now instead of at the first utterance."""
        with self._lock:
            self._refresh()

    def _decode(self, search: str, pcm: bytes) -> list["Piece"]:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        return [Piece.read(segment) for segment in decoder.seg() or ()]

    def _refresh(self) -> None:
        """Read the list again when its file has changed."""
        changed_at = self.file.stat().st_mtime_ns if self.file and self.file.exists() else None
        if self._decoder is not None and changed_at == self.changed_at:
            return
        self.changed_at = changed_at
        listed = self.file.read_text("utf-8", "replace").splitlines() if changed_at else []
        wanted = [line.strip() for line in listed if line.strip() and not line.startswith("#")]
        self._decoder = _new_decoder()
        self._learn([*ALWAYS, *self.more, *wanted])
        logger.info(self.note)

    def _learn(self, wanted: list[str]) -> None:
        self.sentences, self.left_out, known = {}, [], {}
        for sentence in wanted:
            words = tuple(self._word(word, known) for word in split_words(sentence))
            if words and all(words):
                self.sentences.setdefault(words, sentence)
            else:
                self.left_out.append(sentence)
        self._decoder.add_fsg("expected", self._grammar())

    def _grammar(self):
        """One tree of words: sentences that begin alike share their beginning."""
        states, transitions = {(): 0}, []
        for words in self.sentences:
            for length in range(1, len(words)):
                if words[:length] not in states:
                    states[words[:length]] = len(states) + 1
                    transitions.append((states[words[: length - 1]], states[words[:length]], 1.0, words[length - 1]))
            transitions.append((states[words[:-1]], 1, 1.0, words[-1]))
        return self._decoder.create_fsg("expected", 0, 1, transitions)

    def _word(self, word: str, known: dict[str, str]) -> str:
        """The word's name in the dictionary; unknown ones are added as flite would say them. Empty: cannot be known."""
        if self._decoder.lookup_word(word):
            return word
        if word not in known:
            phones = _pronounce(word)
            known[word] = f"word{len(known)}" if phones else ""
            if phones:
                self._decoder.add_word(known[word], phones, False)
        return known[word]


def split_words(sentence: str) -> list[str]:
    """The words of a sentence as a dictionary writes them."""
    plain = sentence.lower().replace("’", "'")
    plain = re.sub(r"(?<=\d)[,.](?=\d{3}\b)", "", plain)
    return [word.strip("'") for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", plain)]


def _distance(said: list[Piece], phones: list[Piece]) -> float:
    """How much worse a frame the words explain the sound than free phones do, in log probability."""
    first, last = said[0].first, said[-1].last
    free = sum(piece.score * piece.share(first, last) for piece in phones)
    return (free - sum(piece.score for piece in said)) / (last - first + 1)


def _add_hiss(pcm: bytes) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2")[: len(HISS)]
    return np.clip(samples + HISS[: len(samples)], -32768, 32767).astype("<i2").tobytes()


def _new_decoder():
    path = pocketsphinx.get_model_path
    config = pocketsphinx.Config(
        hmm=path("en-us/en-us"), dict=path("en-us/cmudict-en-us.dict"), lm=None, logfn="/dev/null", samprate=sound.RATE
    )
    decoder = pocketsphinx.Decoder(config)
    decoder.add_allphone_file("phones", path("en-us/en-us-phone.lm.bin"))
    return decoder


def _pronounce(word: str) -> str:
    """A word's phones in the dictionary's alphabet, or nothing where flite is missing."""
    program = shutil.which("flite")
    if not program:
        return ""
    try:
        command = [program, "-t", word, "-ps", "-o", "none"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout  # noqa: S603  a program that was looked up; the word is one argument
    except (OSError, subprocess.SubprocessError):
        return ""
    phones = [phone.upper() for phone in said.split() if phone != "pau"]
    return " ".join(PHONES.get(phone, phone) for phone in phones)
