"""The engine that runs here: all-MiniLM-L6-v2, which learned English. The only module that knows the model runtime.

The model lives in ``DATA_DIR/model`` as ``manage.py build_embedding_model`` left it.
"""

import hashlib
import json
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import onnxruntime
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from tokenizers import Tokenizer

from knowledge.embeddings.engines import EmbeddingFailed, Engine, Status

logger = logging.getLogger(__name__)

ENGINE = "all-MiniLM-L6-v2/int8/1"
WIDTH = 384
MAX_TOKENS = 256
BATCH = 8  # as fast as 32, without half a gigabyte of arena (measured)
ALIKE = 1.5  # the longest of a batch against the shortest
RETRY_SECONDS = 15  # how long a model that could not be loaded is left alone

BUILD = _("Run `python manage.py build_embedding_model`; until then answers are found by words alone.")


@dataclass(frozen=True, slots=True)
class Model:
    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer


_lock = threading.Lock()
_model = None
_problem, _problem_until, _problem_place = "", 0.0, None


def directory():
    """Where the built model is kept."""
    return settings.DATA_DIR / "model"


class Local(Engine):
    """The model of this host."""

    id, width, languages = ENGINE, WIDTH, frozenset({"en"})

    def status(self):
        try:
            _load()
        except EmbeddingFailed as problem:
            return Status(False, self.id, str(problem))
        return Status(True, self.id, "")

    def embed(self, texts, threads=1):
        return _embed(list(texts), threads)

    def _embed_one(self, question, seconds):
        return _embed_one(question)


def forget_model():
    """Load the model anew at the next use, for example after it was built."""
    global _model, _problem_until
    with _lock:
        _model, _problem_until = None, 0.0


def _embed(texts, threads):
    """In batches of texts of like length, so that little is computed for padding."""
    vectors = np.zeros((len(texts), WIDTH), np.float32)
    if not texts:
        return vectors
    model = _load()
    encoded = _encode(model, texts)
    batches = _batch([len(ids) for ids in encoded])
    if threads == 1 or len(batches) == 1:
        for batch in batches:
            vectors[batch] = _run(model, [encoded[place] for place in batch])
        return vectors
    with ThreadPoolExecutor(threads) as pool:
        for batch, found in zip(
            batches, pool.map(lambda batch: _run(model, [encoded[place] for place in batch]), batches), strict=True
        ):
            vectors[batch] = found
    return vectors


def is_word(folded):
    """Whether the model knows a folded word whole: then it is one, however rare. False while no model is loaded."""
    return _model is not None and _model.tokenizer.token_to_id(folded) is not None


def _batch(lengths):
    """Places in batches of at most BATCH, of lengths so alike that little is padded: [[place, …], …]."""
    batches = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        last = batches[-1] if batches else None
        if last is None or len(last) == BATCH or lengths[place] > ALIKE * lengths[last[0]] + 4:
            batches.append([])
        batches[-1].append(place)
    return batches


def _embed_one(question):
    model = _load()
    return _run(model, _encode(model, [question]))[0]


def _encode(model, texts):
    try:
        return [encoding.ids for encoding in model.tokenizer.encode_batch(texts)]
    except Exception as problem:  # the tokenizer's errors have no common class of their own
        raise EmbeddingFailed(gettext("The tokenizer failed: {problem}").format(problem=problem)) from problem


def _run(model, rows):
    ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
    mask = np.zeros_like(ids)
    for place, row in enumerate(rows):
        ids[place, : len(row)] = row
        mask[place, : len(row)] = 1
    try:
        vectors = model.session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    except Exception as problem:  # ONNX Runtime raises classes of its own that share only Exception
        raise EmbeddingFailed(gettext("The embedding model failed: {problem}").format(problem=problem)) from problem
    return _checked(vectors, len(rows))


def _checked(vectors, count):
    """Numbers that cannot be right are worse than none: they would rank passages at random."""
    if vectors.shape != (count, WIDTH):
        raise EmbeddingFailed(
            gettext("The embedding model gave shape {shape} instead of {wanted}.").format(
                shape=vectors.shape, wanted=(count, WIDTH)
            )
        )
    if not np.all(np.abs(np.einsum("ij,ij->i", vectors, vectors) - 1) < 0.01):  # false for NaN, too
        raise EmbeddingFailed(gettext("The embedding model gave vectors that are not of unit length."))
    return vectors


def _load():
    """The model, loaded once per process. Raises EmbeddingFailed."""
    global _model, _problem, _problem_until, _problem_place
    place = directory()
    if _model is not None:
        return _model
    with _lock:
        if _model is not None:
            return _model
        if time.monotonic() < _problem_until and place == _problem_place:
            raise EmbeddingFailed(_problem)
        try:
            _model = _open(place)
        except Exception as problem:  # a missing, broken or foreign file: the same for everybody who asks
            _problem = (
                str(problem)
                if isinstance(problem, EmbeddingFailed)
                else gettext("It cannot be loaded ({problem}).").format(problem=problem)
            )
            _problem = gettext("The embedding model is not ready. {problem} {build}").format(
                problem=_problem, build=BUILD
            )
            _problem_until, _problem_place = time.monotonic() + RETRY_SECONDS, place
            logger.warning(_problem)
            raise EmbeddingFailed(_problem) from problem
        return _model


def _open(place):
    started = time.monotonic()
    try:
        manifest = json.loads((place / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise EmbeddingFailed(gettext("It has not been built.")) from None
    if manifest.get("engine") != ENGINE:
        raise EmbeddingFailed(
            gettext("It was built for {other}, this release needs {engine}.").format(
                other=manifest.get("engine"), engine=ENGINE
            )
        )
    graph, words = (_read(place / name, manifest["sha256"][name]) for name in ("graph.onnx", "tokenizer.json"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # two spin against each other: p95 43 ms for 2
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_buffer(words)
    tokenizer.enable_truncation(MAX_TOKENS)  # the file says 128, padded to 128
    tokenizer.no_padding()
    model = Model(session, tokenizer)
    _run(model, _encode(model, ["ready"]))
    logger.debug("Embedding model loaded in %.2f s", time.monotonic() - started)
    return model


def _read(path, sha256):
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise EmbeddingFailed(gettext("{name} is not the file that was built.").format(name=path.name))
    return data
