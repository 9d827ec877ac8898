"""What every embedding engine is, wherever it runs."""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass

from django.utils.translation import gettext as _

from knowledge.breakers import Breaker
from knowledge.language.scripts import LATIN, base

STRONG = 0.7  # how much vectors count in a language the model learned: measured on SQuAD, see knowledge.retrieval
WEAK = 0.3  # in another one of Latin script, where a model still sees names and loan words: measured on XQuAD


PATIENCE_SECONDS = 0.5  # a question that had less time than this and was late says nothing about the engine


class EmbeddingFailed(Exception):
    """No vector to be had: go on without."""


@dataclass(frozen=True, slots=True)
class Status:
    ready: bool
    engine: str
    problem: str  # a sentence for staff; "" when ready


class Engine(ABC):
    """Texts to vectors. Vectors of two engines are never compared, so the ``id`` stands beside every one of them."""

    id = ""
    width = None  # of its vectors; None until an endpoint's first answer
    languages = frozenset()  # codes of those it learned; none stands for all

    def __init__(self, name="The embedding model", rest=5.0, threads=2):
        """``rest``: seconds it is left alone after it was late or failed for everybody."""
        self.breaker = Breaker(name, rest)
        # More than one thread: one slow embedding must not make the next caller late too.
        self._waiting_room = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="embedding")

    def choose_share(self, language):
        """How much its vectors count in a language, 0 to 1; 0 where they are of no use."""
        if not self.languages or base(language) in self.languages:
            return STRONG
        return WEAK if base(language) in LATIN else 0.0

    @abstractmethod
    def status(self):
        """The Status, without asking anybody far away."""

    @abstractmethod
    def embed(self, texts, threads=1):
        """One unit vector per text, float32 [len(texts), width], in the order given. Raises EmbeddingFailed.

        For documents: in batches, ``threads`` of them at once."""

    def embed_question(self, question, seconds=None):
        """One unit vector, float32 [width]. Raises EmbeddingFailed, also when it takes longer than ``seconds``, and at once
        while the engine is left alone."""
        if seconds is not None and seconds <= 0:
            raise EmbeddingFailed(_("No time was left to embed the question."))
        self._enter()
        if seconds is None:
            return self._embed_one(question, None)
        waiting = self._waiting_room.submit(self._embed_one, question, seconds)
        try:
            vector = waiting.result(timeout=seconds)
            self.breaker.worked()
            return vector
        except Late:
            waiting.cancel()
            self._was_late(seconds)
            raise EmbeddingFailed(_("Embedding the question took too long.")) from None

    def _enter(self):
        """Raises EmbeddingFailed while the engine is left alone. When that is over, the first one tries for all."""
        if not self.breaker.admits():
            raise EmbeddingFailed(self.breaker.why)

    def _was_late(self, seconds):
        """Hear that a question was given up after that many seconds, whatever becomes of it."""
        if seconds >= PATIENCE_SECONDS:
            self.breaker.failed(_("Embedding a question took too long."))

    @abstractmethod
    def _embed_one(self, question, seconds):
        """One vector, at the first try. Nobody waits for it longer than ``seconds``."""
