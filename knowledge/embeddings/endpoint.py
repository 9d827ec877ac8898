"""The engine behind an address: any OpenAI-compatible /embeddings.

Documents have time: they go in batches, and what fails for a moment is tried again, with growing pauses or as long as
the endpoint asks for (Retry-After). A question has one try inside its deadline. After a failure the endpoint is left
alone for a while, so that a dead one costs one caller of a process and not each. What it gives is checked, since vectors
that are not what they seem rank passages at random. Problems are told by their kind alone: an endpoint's own words may
repeat the text it was sent, and no key or question belongs into a log.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from urllib.parse import urlsplit

import numpy as np
import openai
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from knowledge.embeddings.engines import PATIENCE_SECONDS, EmbeddingFailed, Engine, Status

BATCH, BATCH_CHARACTERS = 64, 60_000  # OpenAI takes 2,048 texts of 300,000 tokens together; small servers far less
CHARACTERS = 8_000  # of one text: OpenAI's models take 8,191 tokens and refuse more
CONNECT_SECONDS = 3.0
QUESTION_SECONDS = 5.0  # where the caller sets no limit
REQUEST_SECONDS = 60.0
DOCUMENT_SECONDS = 120.0  # for one call of ``embed``, retries and all: shorter than a reader's sign of life may take
ATTEMPTS = 5
PAUSE_SECONDS = 1.0  # before the second attempt; doubled before each further one
LEFT_ALONE_SECONDS = 15.0  # after a failure
AT_ONCE = 4  # requests for documents
PASSING = (408, 409, 425, 429)  # worth asking again, like every 5xx
OURS = (400, 413, 422)  # the text is at fault, or the settings: says nothing about the endpoint


class Endpoint(Engine):
    """A model behind an OpenAI-compatible address. Its id names host and model: the same name at another address may be
    another model."""

    def __init__(self, address, key, model, dimensions=0, languages=()):
        self.id = name(address, model, dimensions)
        super().__init__(gettext("The engine {id}").format(id=self.id), LEFT_ALONE_SECONDS, threads=16)
        self.width = dimensions or None
        self.languages = frozenset(languages)
        self._model, self._dimensions = model, dimensions
        timeout = openai.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS)
        # A server of one's own may need no key, but the client insists on one.
        self._client = openai.OpenAI(base_url=address, api_key=key or "none", timeout=timeout, max_retries=0)
        self._lock = threading.Lock()

    def status(self):
        resting = self.breaker.is_resting
        return Status(not resting, self.id, self.breaker.why if resting else "")

    def embed(self, texts, threads=1):
        texts = [(text.strip() or ".")[:CHARACTERS] for text in texts]  # an empty text is refused
        if not texts:
            return np.zeros((0, self.width or 0), np.float32)
        until = time.monotonic() + DOCUMENT_SECONDS
        self._enter()
        pool = ThreadPoolExecutor(max(threads, AT_ONCE), thread_name_prefix="embedding-documents")
        try:
            waiting = pool.map(lambda batch: self._insist(batch, until), _batch(texts), timeout=DOCUMENT_SECONDS)
            return np.concatenate(list(waiting))
        except Late:  # an answer that trickles in keeps to every timeout of the client and never ends
            self._note(LATE)
            raise EmbeddingFailed(str(LATE)) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _embed_one(self, question, seconds):
        seconds = seconds or QUESTION_SECONDS
        try:
            return self._ask([question.strip()[:CHARACTERS] or "."], seconds)[0]
        except _Failed as failure:
            if not failure.late or seconds >= PATIENCE_SECONDS:
                self._note(failure)
            raise EmbeddingFailed(str(failure)) from None

    def _was_late(self, seconds):
        if seconds >= PATIENCE_SECONDS:
            self._note(LATE)

    def _insist(self, texts, until):
        """The vectors of a batch, with retries. Raises EmbeddingFailed."""
        attempt = 0
        while True:
            attempt += 1
            left = until - time.monotonic()
            try:
                return self._ask(texts, min(REQUEST_SECONDS, max(1.0, left)))
            except _Failed as failure:
                pause = failure.pause or PAUSE_SECONDS * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)
                if not failure.passing or attempt == ATTEMPTS or time.monotonic() + pause >= until:
                    self._note(failure)
                    raise EmbeddingFailed(str(failure)) from None
                time.sleep(pause)

    def _ask(self, texts, seconds):
        """One request. Raises _Failed, and EmbeddingFailed for what is not a vector."""
        wanted = {"dimensions": self._dimensions} if self._dimensions else {}
        timeout = openai.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        try:
            answer = self._client.embeddings.create(
                model=self._model, input=texts, encoding_format="float", timeout=timeout, **wanted
            )
        except openai.APITimeoutError:
            raise LATE from None
        except openai.APIConnectionError:
            raise _Failed(gettext("The embeddings endpoint cannot be reached."), everybodys=True) from None
        except openai.APIStatusError as refusal:
            raise _refused(refusal) from None
        except (openai.OpenAIError, ValueError) as problem:
            raise _Failed(
                gettext("The embeddings endpoint answers strangely ({fault}).").format(fault=type(problem).__name__)
            ) from None
        return self._accept(answer, len(texts))

    def _accept(self, answer, count):
        """The answer's vectors, checked and of unit length. Raises _Failed for anything else."""
        try:
            rows = sorted(answer.data, key=lambda row: row.index)
            if [row.index for row in rows] != list(range(count)):
                raise _Failed(
                    gettext("The embeddings endpoint gave {count} vectors for {count2} texts.").format(
                        count=len(rows), count2=count
                    )
                )
            vectors = np.array([row.embedding for row in rows], np.float32)
        except (AttributeError, TypeError, ValueError):
            raise _Failed(gettext("The embeddings endpoint gave something that is not vectors.")) from None
        if vectors.ndim != 2 or not vectors.shape[1]:
            raise _Failed(gettext("The embeddings endpoint gave something that is not vectors."))
        with np.errstate(over="ignore"):
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise _Failed(gettext("The embeddings endpoint gave vectors that are not numbers, or are zero."))
        self._check_width(vectors.shape[1])
        self.breaker.worked()
        return vectors / lengths

    def _check_width(self, width):
        with self._lock:
            self.width = self.width or width
        if width != self.width:
            says = gettext(
                "The embeddings endpoint gave vectors of {width} numbers instead of {width2}. {another}"
            ).format(width=width, width2=self.width, another=ANOTHER)
            raise _Failed(says, passing=False, everybodys=True)

    def _note(self, failure):
        """Leave the endpoint alone for a while, if the failure would be everybody's."""
        if failure.everybodys:
            self.breaker.failed(str(failure), min(failure.pause or LEFT_ALONE_SECONDS, 4 * LEFT_ALONE_SECONDS))


ANOTHER = _(
    "If another model answers there now, set EMBEDDING_DIMENSIONS to its width, and everything is embedded anew."
)


def name(address, model, dimensions=0):
    """The id of the engine: ``host:port/model`` and, when asked for, ``#dimensions``."""
    return f"{host(address)}/{model}" + (f"#{dimensions}" if dimensions else "")


def host(address):
    """Host and port of an address, without the user and password it may carry."""
    return urlsplit(address).netloc.rpartition("@")[2].lower()


class _Failed(Exception):
    """One request that brought nothing: whether it is worth another try (after ``pause`` seconds, when the endpoint asked
    for them), and whether the next one of anybody would fail as well."""

    def __init__(self, says, passing=None, everybodys=False, late=False, pause=0.0):
        super().__init__(says)
        self.passing = everybodys if passing is None else passing
        self.everybodys, self.late, self.pause = everybodys, late, pause


LATE = _Failed(_("The embeddings endpoint did not answer in time."), everybodys=True, late=True)


def _refused(refusal):
    code = refusal.status_code
    advice = gettext(" Check EMBEDDING_API_KEY and EMBEDDING_MODEL.") if code in (400, 401, 403, 404, 422) else ""
    try:
        pause = max(0.0, float(refusal.response.headers.get("retry-after", 0)))
    except ValueError:  # a date: nobody's embeddings endpoint sends one, and our own pauses do as well
        pause = 0.0
    passing = code in PASSING or code >= 500
    says = gettext("The embeddings endpoint answered {code}.{advice}").format(code=code, advice=advice)
    return _Failed(says, passing=passing, everybodys=code not in OURS, pause=pause if passing else 0.0)


def _batch(texts):
    """Texts in batches, in their order."""
    batches, characters = [[]], 0
    for text in texts:
        if batches[-1] and (len(batches[-1]) == BATCH or characters + len(text) > BATCH_CHARACTERS):
            batches.append([])
            characters = 0
        batches[-1].append(text)
        characters += len(text)
    return batches
