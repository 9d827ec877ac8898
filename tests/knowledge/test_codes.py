import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.index import codes


def unit(count, seed=1):
    vectors = np.random.default_rng(seed).standard_normal((count, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_small_index_keeps_every_bit():
    vectors = unit(5).astype(np.float16)
    assert np.array_equal(codes.encode(vectors, small=True).decode(), vectors.astype(np.float32))


@given(st.integers(0, 1000))
def test_a_byte_a_number_moves_a_cosine_by_less_than_two_thousandths(seed):
    vectors, question = unit(20, seed), unit(1, seed + 1)[0]
    kept = codes.encode(vectors, small=False)
    assert np.abs(kept.cosines(question) - vectors @ question).max() < 0.002
    assert np.allclose(kept.decode() @ question, kept.cosines(question), atol=1e-6)


def test_a_vector_of_zeros_stays_one():
    kept = codes.encode(np.zeros((2, 384), np.float16), small=False)
    assert not kept.decode().any()
    assert kept.cosines(unit(1)[0]).tolist() == [0, 0]


def test_joined_codes_are_those_of_the_whole():
    vectors = unit(7)
    joined = codes.join([codes.encode(vectors[:3], small=False), codes.encode(vectors[3:], small=False)], 384)
    assert np.array_equal(joined.numbers, codes.encode(vectors, small=False).numbers)
    assert len(codes.join([], 384)) == 0
