import numpy as np
import pytest

from benchmarks import library
from knowledge.index import cells, codes
from knowledge.index.cells import Cells

LANGUAGE = library.Language()


@pytest.fixture
def vectors():
    """Of four hundred passages about sixteen topics."""
    return codes.encode(library.fill(LANGUAGE, 400, seed=3).vectors, small=False)


def build(vectors):
    return Cells(*(found for found in cells.compute(vectors).values()))


def test_without_cells_every_passage_is_looked_at(vectors):
    found = build(vectors)
    rows, cosines = found.near(vectors.decode()[7])
    assert not found.divided
    assert rows.tolist() == list(range(400))
    assert rows[cosines.argmax()] == 7


def test_cells_hold_every_passage_once(vectors, monkeypatch):
    monkeypatch.setattr(cells, "MANY", 100)
    found = build(vectors)
    assert found.divided
    assert sorted(found.rows.tolist()) == list(range(400))
    assert found.first[-1] == 400


def test_only_the_nearest_cells_are_looked_at_and_hold_the_nearest_passage(vectors, monkeypatch):
    monkeypatch.setattr(cells, "MANY", 100)
    monkeypatch.setattr(cells, "FEWEST", 3)
    monkeypatch.setattr(cells, "SEARCHED", 50)
    found = build(vectors)
    for row in range(0, 400, 40):
        rows, cosines = found.near(vectors.decode()[row])
        assert len(rows) < 200
        assert rows[cosines.argmax()] == row


def test_the_same_vectors_give_the_same_cells(vectors, monkeypatch):
    monkeypatch.setattr(cells, "MANY", 100)
    assert all(
        np.array_equal(*pair)
        for pair in zip(cells.compute(vectors).values(), cells.compute(vectors).values(), strict=True)
    )


def test_vectors_that_are_all_the_same_are_no_trouble(monkeypatch):
    monkeypatch.setattr(cells, "MANY", 100)
    found = build(codes.encode(np.full((150, 384), 384**-0.5, np.float16), small=False))
    assert len(found.near(np.full(384, 384**-0.5, np.float32))[0]) == 150
