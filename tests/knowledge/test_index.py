import io

import numpy as np
import pytest

from knowledge import embeddings, index, shelf
from knowledge.index import arrays, indexing
from knowledge.index.postings import Asked
from knowledge.language import terms

pytestmark = pytest.mark.django_db


def test_an_index_is_read_as_it_was_written(harbour):
    found = shelf.find(harbour)
    passage = harbour.passages.order_by("document_id", "position").with_vectors(embeddings.LOCAL).first()
    record = found.record(0)
    assert (record.id, record.text, record.start) == (passage.pk, passage.text, passage.start)
    assert found.documents[record.document].id == str(passage.document_id)
    assert np.allclose(found.vectors.decode()[0], np.frombuffer(passage.vector, np.float16))
    assert len(found.sentences) == sum(len(one.sentences) for one in harbour.passages.all())


def test_an_index_without_passages_can_be_searched(persona):
    found = shelf.find(persona)
    assert len(found) == 0
    assert found.words.score(Asked.of(index.word_keys(["boat"]))).tolist() == []


@pytest.mark.parametrize("damage", [lambda data: data[:40], lambda data: data[:-64], lambda data: b"x" * 200, lambda data: data[:8] + b"\xff" * 8 + data[16:]])  # fmt: skip
def test_a_damaged_file_is_known_as_one(damage):
    whole = io.BytesIO()
    arrays.write(indexing.compute([], [], ["en"], 1, "an engine"), whole)
    with pytest.raises(arrays.BrokenIndex):
        index.read_bytes(damage(whole.getvalue()))


def test_a_file_of_an_earlier_release_is_known_as_one():
    with pytest.raises(arrays.BrokenIndex, match="not an index of this release"):
        index.read_bytes(b"CAINDEX6" + bytes(200))


def test_arrays_that_are_not_those_of_an_index_are_known_as_such():
    whole = io.BytesIO()
    arrays.write({"version": np.zeros(2, np.int64)}, whole)
    with pytest.raises(arrays.BrokenIndex):
        index.read_bytes(whole.getvalue())


def test_words_and_grams_of_a_heading_find_its_passage(persona, teach, upload):
    teach(persona, "Rules", file=upload("rules.md", b"# Pets\n\nThey stay on a lead.\n\n# Noise\n\nQuiet after ten.\n"))
    found = shelf.find(persona)
    scores = found.words.score(Asked.of(index.word_keys(terms.words("pets", "en"))))
    assert found.record(int(scores.argmax())).heading == "Pets"
