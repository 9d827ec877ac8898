"""A linear probe: how much a sentence's vector is like those of sentences that speak to a model.

One direction in the space of the built-in embedding model, learned by logistic regression from the labelled sentences in
benchmarks/labelled, the demo's documents and, as further honest text, XQuAD in English (`manage.py measure_flags --learn
FILES`). Its 384 numbers stand beside this module, like any other threshold that was measured.

It knows attacks that no cue knows, as long as they are in English or near it, and costs one product of vectors that are
there anyway. With another engine, or without one, only the cues speak.
"""

import base64
import json
from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("probe.json")
DECAY = 3e-4  # of the weights, in learning: 1e-3 to 3e-5 change little
STEPS, RATE = 3000, 2.0


def engine():
    """The id of the engine whose vectors it judges."""
    return _read()["engine"]


def score(engine, vectors):
    """From 0 to 1 for each vector, float64 [len(vectors)]; zeros where the direction is of another engine."""
    known = _read()
    if known["engine"] != engine or not len(vectors):
        return np.zeros(len(vectors))
    weights = np.frombuffer(base64.b64decode(known["weights"]), np.float16).astype(np.float32)
    return 1 / (1 + np.exp(-(np.asarray(vectors, np.float32) @ weights + known["bias"])))


@cache
def _read():
    return json.loads(FILE.read_text())


def learn(vectors, labels, shares):
    """(weights, bias) of the direction that parts vectors labelled 1 from those labelled 0, each counted by its share:
    logistic regression with a decay, by plain descent."""
    weights, bias = np.zeros(vectors.shape[1]), 0.0
    for _ in range(STEPS):
        errors = shares * (1 / (1 + np.exp(-(vectors @ weights + bias))) - labels)
        weights -= RATE * (vectors.T @ errors / shares.sum() + DECAY * weights)
        bias -= RATE * errors.sum() / shares.sum()
    return weights, bias


def save(engine, weights, bias):
    """Keep what was learned for an engine."""
    packed = base64.b64encode(np.asarray(weights, np.float16).tobytes()).decode()
    _read.cache_clear()
    FILE.write_text(json.dumps({"engine": engine, "bias": round(float(bias), 4), "weights": packed}) + "\n")
