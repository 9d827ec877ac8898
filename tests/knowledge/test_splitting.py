from hypothesis import given
from hypothesis import strategies as st

from knowledge.splitting import MOST_WORDS, WHOLE_WORDS, Section, count_words, find_page, split, windows

PARAGRAPH = " ".join(f"This is sentence number {number} of a long text about harbours." for number in range(60))


def test_a_short_text_stays_whole():
    text = " ".join(["word"] * 150) + "."
    assert [passage.text for passage in split(text)] == [text]


def test_a_long_text_becomes_passages_of_at_most_120_words_that_overlap():
    passages = split(PARAGRAPH)
    assert len(passages) > 4
    sizes = [count_words(passage.text) for passage in passages]
    assert all(80 <= size <= MOST_WORDS for size in sizes[:-1])
    assert 40 <= sizes[-1] <= MOST_WORDS + 20
    assert all(after.start < before.end for before, after in zip(passages, passages[1:], strict=False))


def test_passages_end_where_sentences_end():
    assert all(passage.text.endswith(".") for passage in split(PARAGRAPH))


def test_a_passage_never_crosses_a_heading():
    text = "First part here.\n\nHEADING\n\nSecond part here."
    passages = split(text, sections=[Section(0, 16, "One"), Section(27, len(text), "Two")])
    assert [(passage.heading, passage.text) for passage in passages] == [("One", "First part here."), ("Two", "Second part here.")]  # fmt: skip


def test_a_passage_knows_its_page():
    text = "On page one. " + "On page two."
    assert [passage.page for passage in split(text, page_starts=[0, 13])] == [1]
    assert find_page([0, 13], 13) == 2
    assert find_page([], 13) is None


def test_letters_without_spaces_count_as_words_too():
    assert count_words("石" * 170) == 101
    assert count_words("ก" * 45) == 11


@given(st.lists(st.integers(1, 150), max_size=60))
def test_windows_cover_every_sentence_and_always_move_on(sizes):
    found = windows(sizes)
    assert {place for first, last in found for place in range(first, last)} == set(range(len(sizes)))
    assert all(before[0] < after[0] and before[1] < after[1] for before, after in zip(found, found[1:], strict=False))
    whole = sum(sizes) <= WHOLE_WORDS
    longest = [max(sizes[first:last]) for first, last in found]
    rest = [sum(sizes[first:last]) - most for (first, last), most in zip(found, longest, strict=True)]
    assert whole or all(one <= MOST_WORDS for one in rest)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=3_000), st.sampled_from(["en", "zh", "th", "hi"]))
def test_offsets_are_exact_and_nothing_is_left_out(text, language):
    passages = split(text, language)
    covered = set()
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.sentences
        covered.update(range(passage.start, passage.end))
        for start, end in passage.sentences:
            assert passage.text[start:end].strip() == passage.text[start:end] != ""
    assert all(place in covered for place, letter in enumerate(text) if not letter.isspace())
