"""What was really heard of an answer."""

import time

from voice import heard

CREW = {"passage_id": 1, "quote": "The ferry leaves at nine and carries forty passengers."}
FARE = {"passage_id": 2, "quote": "A return ticket for adults costs twelve crowns."}
SPOKEN = f"{CREW['quote']} {FARE['quote']}"


def test_everything_heard_keeps_every_citation():
    assert heard.citations([CREW, FARE], SPOKEN) == [CREW, FARE]


def test_a_source_whose_words_were_never_reached_is_not_cited():
    assert heard.citations([CREW, FARE], "The ferry leaves at nine and") == [CREW]


def test_a_rephrased_quote_is_still_recognised():
    assert heard.citations([FARE], "Adults pay twelve crowns for a return ticket.") == [FARE]


def test_nothing_heard_leaves_no_citation():
    assert heard.citations([CREW, FARE], "") == []
    assert heard.citations([CREW, FARE], "Let me see.") == []


def test_the_same_citation_twice_stands_once():
    assert heard.once([CREW, FARE, CREW]) == [CREW, FARE]


def test_wordings_are_compared_by_their_words():
    assert heard.similarity("When does the ferry leave?", "when does the ferry leave") == 1
    assert heard.similarity("When does the ferry leave?", "How much is a ticket?") < 0.3


def test_wordings_made_to_take_minutes_are_compared_in_a_moment():
    began = time.monotonic()
    assert 0 < heard.similarity("a b " * 1250, "b a a " * 800) < 1
    assert time.monotonic() - began < 2  # it was 51 s
