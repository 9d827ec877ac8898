import pytest

from knowledge import composing, evidence, retrieval
from knowledge.models import Document

pytestmark = pytest.mark.django_db


def compose(persona, question, limit=500):
    search = retrieval.search(persona, question)
    return composing.compose(search, evidence.judge(search).sentences, limit)


def test_neighbouring_sentences_are_one_quote(persona, teach):
    teach(persona, "Ferry", "The ferry sails at nine. The ferry sails back at noon.")
    content, citations = compose(persona, "When does the ferry sail?")
    assert content == "The ferry sails at nine. The ferry sails back at noon."
    assert [citation.quote for citation in citations] == [content]


def test_sentences_of_one_place_stand_in_the_order_of_the_document(persona, teach):
    teach(
        persona,
        "Ferry",
        "Before nine the ferry sails empty. The sea is green. At noon the ferry sails with boats and dogs.",
    )
    content, _ = compose(persona, "When does the ferry sail with dogs and boats?")
    assert content.startswith("Before") or "Before" not in content


def test_the_mark_of_a_list_is_not_quoted(persona, teach):
    document = teach(persona, "Crane", "- The crane lifts nine tonnes.\n- A lift costs 95 euros.")
    _, citations = compose(persona, "What does a lift cost?")
    quotes = [(one.quote, document.text[one.start : one.end]) for one in citations]
    assert quotes
    assert all(quote == stands and not quote.startswith("-") for quote, stands in quotes)


def test_every_citation_is_in_the_content_and_nothing_else_is_cited(harbour):
    content, citations = compose(harbour, "When does the swing bridge open for boats?")
    for citation in citations:
        assert Document.objects.get(pk=citation.document_id).text[citation.start : citation.end] == citation.quote
        assert citation.quote.split(". ")[0].rstrip(".") in content


def test_the_same_sentence_in_two_documents_is_said_once(persona, teach):
    teach(persona, "One", "The ferry sails at nine in the morning. One is short.")
    teach(persona, "Two", "The ferry sails at nine in the morning. Two is long.")
    content, _ = compose(persona, "When does the ferry sail?")
    assert content.count("at nine") == 1


def test_a_single_sentence_longer_than_the_limit_is_cut_and_says_so(persona, teach):
    teach(persona, "Ferry", "The ferry sails at nine " + "and then again a little later " * 8 + "until the evening.")
    content, citations = compose(persona, "When does the ferry sail?", limit=100)
    assert len(content) <= 100
    assert content.endswith("…")
    assert citations


def test_chinese_sentences_are_joined_without_spaces(persona, teach):
    persona.language = "zh"
    teach(persona, "石油", "石油危机始于1973年。石油危机结束于1974年。")
    content, _ = compose(persona, "石油危机始于哪一年，结束于哪一年？")
    assert content == "石油危机始于1973年。石油危机结束于1974年。"
