import json
import time

import numpy as np
import pytest

from knowledge import embeddings
from knowledge.embeddings import EmbeddingFailed, Engine, Status, local

engine = embeddings.find(embeddings.LOCAL)

QUESTION = "When does the bridge open for boats?"


def test_vectors_are_of_unit_length_and_in_the_order_given():
    texts = ["short", "a much longer text about the opening of a bridge " * 4, "harbour"]
    vectors = engine.embed(texts)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.allclose(vectors[2], engine.embed_question("harbour"), atol=0.05)


def test_several_threads_give_what_one_gives():
    texts = [f"Sentence number {number} about a harbour." * (1 + number % 5) for number in range(40)]
    assert np.allclose(engine.embed(texts, threads=2), engine.embed(texts), atol=1e-5)


def test_a_paraphrase_is_nearer_than_another_subject():
    question, paraphrase, other = engine.embed([QUESTION, "At what time can ships pass?", "Bananas are a fruit."])
    assert question @ paraphrase > question @ other + 0.2


def test_a_text_of_any_length_is_embedded():
    assert engine.embed(["word " * 5_000]).shape == (1, engine.width)
    assert engine.embed([]).shape == (0, engine.width)


def test_a_missing_model_is_said_with_what_to_do(no_model):
    status = embeddings.status()
    assert not status.ready
    assert "build_embedding_model" in status.problem
    with pytest.raises(EmbeddingFailed):
        engine.embed_question(QUESTION)


def broken_model(settings, tmp_path, name, data):
    place = tmp_path / "broken" / "model"
    place.mkdir(parents=True)
    for file in embeddings.directory().iterdir():
        (place / file.name).write_bytes(file.read_bytes())
    (place / name).write_bytes(data)
    settings.DATA_DIR = tmp_path / "broken"
    embeddings.forget_model()
    return embeddings.status()


@pytest.mark.parametrize("name", ["graph.onnx", "tokenizer.json", "manifest.json"])
def test_a_damaged_model_is_not_used(settings, tmp_path, name):
    status = broken_model(settings, tmp_path, name, b"garbage")
    assert not status.ready


def test_a_model_of_another_release_is_not_used(settings, tmp_path):
    manifest = json.dumps({"engine": "another", "sha256": {}}).encode()
    assert "another" in broken_model(settings, tmp_path, "manifest.json", manifest).problem


class Session:
    """Stands in for the runtime's session, which cannot be made to fail."""

    def __init__(self, vectors=None, seconds=0):
        self.vectors, self.seconds = vectors, seconds

    def run(self, names, inputs):
        time.sleep(self.seconds)
        if self.vectors is None:
            raise RuntimeError("out of order")
        return [self.vectors]


@pytest.mark.parametrize(
    "vectors",
    [None, np.full((1, 384), np.nan, np.float32), np.zeros((1, 384), np.float32), np.ones((1, 7), np.float32)],
    ids=["raises", "not a number", "zero", "wrong size"],
)
def test_a_model_that_gives_nonsense_has_failed(monkeypatch, vectors):
    broken = local.Model(Session(vectors), local._load().tokenizer)
    monkeypatch.setattr(local, "_load", lambda: broken)
    with pytest.raises(EmbeddingFailed):
        engine.embed_question(QUESTION)


def test_a_model_that_is_late_has_failed_in_time(monkeypatch):
    slow = local.Model(Session(seconds=1), local._load().tokenizer)
    monkeypatch.setattr(local, "_load", lambda: slow)
    started = time.monotonic()
    with pytest.raises(EmbeddingFailed, match="too long"):
        engine.embed_question(QUESTION, seconds=0.05)
    assert time.monotonic() - started < 0.5


def test_without_time_left_nothing_is_tried():
    with pytest.raises(EmbeddingFailed, match="No time"):
        engine.embed_question(QUESTION, seconds=0)


class Slow(Engine):
    """An engine that takes its time until it is told not to."""

    id, width = "slow", 2

    def __init__(self, rest):
        super().__init__(rest=rest)
        self.seconds, self.asked = 0.6, 0

    def status(self):
        return Status(True, self.id, "")

    def embed(self, texts, threads=1):
        return np.ones((len(texts), 2), np.float32)

    def _embed_one(self, question, seconds):
        self.asked += 1
        time.sleep(self.seconds)
        return np.ones(2, np.float32)


def test_a_model_that_is_late_costs_the_first_question_its_time_and_not_each():
    slow = Slow(rest=60)
    with pytest.raises(EmbeddingFailed, match="too long"):
        slow.embed_question(QUESTION, 0.5)
    for _ in range(20):
        with pytest.raises(EmbeddingFailed, match="too long"):
            slow.embed_question(QUESTION, 0.5)
    assert slow.asked == 1


def test_a_model_that_is_quick_again_is_asked_again():
    slow = Slow(rest=0)
    with pytest.raises(EmbeddingFailed):
        slow.embed_question(QUESTION, 0.5)
    slow.seconds = 0.0
    assert len(slow.embed_question(QUESTION, 5)) == 2
    assert not slow.breaker.is_open
