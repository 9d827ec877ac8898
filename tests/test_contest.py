"""The contest of `python -m benchmarks peers`, with ourselves and pgvector: the others are not installed for tests."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import peers, rivals, stock


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    """A small stock in a folder."""
    folder = tmp_path_factory.mktemp("stock")
    made = stock.make_up(60, 3, 12)
    stock.write(made, folder)
    (folder / "data").mkdir()  # what else lies there is no system's affair
    return made, str(folder)


def enter(name, folder, **limits):
    return rivals.Rival(name, folder, None, SimpleNamespace(**{"minutes": 2, "gigabytes": 10} | limits))


@pytest.mark.parametrize("name", ["ours", "pgvector-partitions"])
def test_a_system_answers_from_the_persona_asked_and_leaves_nothing(laid, name):
    made, folder = laid
    rival = enter(name, folder)
    try:
        assert rival.build(), rival.problem
        rival.ask([0, 1, 2])
        rival.compare([0, 1, 2])
    finally:
        rival.stop()
    for question, found in enumerate(rival.found):
        first, last = made.shelf(made.asked_of[question])
        assert len(found) == stock.FIRST
        assert all(first <= passage < last for passage in found)
    assert peers._recall(rival) == 1
    assert rival.bytes > 0
    assert not rivals.Path(rival.place).exists()


def test_a_system_that_takes_too_long_drops_out_and_says_so(laid):
    rival = enter("pgvector-partitions", laid[1], minutes=0.001)
    try:
        assert not rival.build()
    finally:
        rival.stop()
    assert rival.problem == "not done within 0.001 minutes"


def test_a_system_that_cannot_be_started_says_why(laid):
    rival = enter("pgvector-hnsw", laid[1])
    rivals.Path(rival.place, "index").mkdir()
    try:
        assert not rival.build()
    finally:
        rival.stop()
    assert "FileExistsError" in rival.problem


def test_a_stock_is_read_as_it_was_written(laid):
    made, folder = laid
    again = stock.read(folder)
    assert (again.texts, again.questions, again.bounds) == (made.texts, made.questions, made.bounds)
    assert np.array_equal(again.vectors, made.vectors)


def test_an_unknown_system_is_refused():
    with pytest.raises(SystemExit):
        peers._parse(["--systems", "nobody"])
