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
from pathlib import Path

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
    "Show sources.",
    "Show the sources.",
    "Stop.",
    "Yes.",
    "No.",
]
FAR_FROM_ANY = 900.0  # log score a frame that the grammar may lie under the phone loop
SILENCE = "<sil>"
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
        """The same, in this thread; it takes about a twentieth of the time that the sound lasts."""
        with self._lock:
            self._refresh()
            words, score = self._decode("expected", pcm)
            if not words or words not in self.sentences:
                return None
            _phones, free = self._decode("phones", pcm)
            distance = (free - score) / max(1, self._decoder.n_frames())
            logger.debug("Heard %s at a distance of %.0f", words, distance)
            return self.sentences[words] if distance < FAR_FROM_ANY else None

    def prepare(self) -> None:
        """Load the model and the sentences now instead of at the first utterance."""
        with self._lock:
            self._refresh()

    def _decode(self, search: str, pcm: bytes) -> tuple[tuple[str, ...], float]:
        decoder = self._decoder
        decoder.activate_search(search)
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        segments = list(decoder.seg() or ())
        words = tuple(_bare(seg.word) for seg in segments if not seg.word.startswith(("<", "[", "(")))
        score = sum(math.log(seg.ascore) if seg.ascore > 0 else -1e5 for seg in segments)
        return words, score

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
                    transitions.append((states[words[: length - 1]], states[words[:length]], words[length - 1]))
            transitions.append((states[words[:-1]], 1, words[-1]))
        leaving: dict[int, int] = {}
        for start, _end, _word in transitions:
            leaving[start] = leaving.get(start, 0) + 1
        weighted = [(start, end, 1 / leaving[start], word) for start, end, word in transitions]
        return self._decoder.create_fsg("expected", 0, 1, weighted)

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


def _bare(word: str) -> str:
    return re.sub(r"\(\d+\)$", "", word)


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
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    phones = [phone.upper() for phone in said.split() if phone != "pau"]
    return " ".join(PHONES.get(phone, phone) for phone in phones)
