import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from knowledge import writing
from knowledge.answering import answer

pytestmark = pytest.mark.django_db

QUESTION = "What does a night cost for a boat of ten metres?"


class LanguageModel(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that says the pieces its class was given, or fails as told."""

    pieces, status, breaks, asked = [], 200, False, []

    def do_POST(self):
        type(self).asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.send_header("Content-Type", "text/event-stream")
        if self.breaks:
            self.send_header("Content-Length", "100000")
        self.end_headers()
        for piece in self.pieces:
            event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": {"content": piece}}]}  # fmt: skip
            self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        if not self.breaks:
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_):
        """Quietly."""


@pytest.fixture
def language_model(settings):
    """A running model; what it says is set on the class given."""
    handler = type("Model", (LanguageModel,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.LLM_BASE_URL = f"http://127.0.0.1:{server.server_port}/v1"
    settings.LLM_API_KEY, settings.LLM_MODEL = "key", "small"
    yield handler
    server.shutdown()
    server.server_close()


def write(persona):
    return list(writing.write(persona, QUESTION, answer(persona, QUESTION)))


def test_the_models_words_come_in_pieces(harbour, language_model):
    language_model.pieces = ["It costs ", "25 euros."]
    assert write(harbour) == ["It costs ", "25 euros."]


def test_the_model_is_given_the_cited_passages_as_data_and_the_rules_apart(harbour, language_model):
    language_model.pieces = ["Fine."]
    harbour.instructions = "Speak like a sailor."
    write(harbour)
    [request] = language_model.asked
    rules, data = (message["content"] for message in request["messages"])
    assert "Speak like a sailor." in rules
    assert "25 euros" not in rules
    given = json.loads(data)
    assert given["question"] == QUESTION
    assert any("A night costs 25 euros" in quotation["text"] for quotation in given["quotations"])


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_model_that_refuses_leaves_the_documents_own_sentences(harbour, language_model, status):
    language_model.status = status
    assert write(harbour) == [answer(harbour, QUESTION).content]


def test_a_model_that_says_nothing_leaves_the_documents_own_sentences(harbour, language_model):
    language_model.pieces = [" ", "\n"]
    assert write(harbour)[-1] == answer(harbour, QUESTION).content


def test_a_model_that_nobody_reaches_leaves_the_documents_own_sentences(harbour, settings):
    settings.LLM_BASE_URL, settings.LLM_API_KEY, settings.LLM_MODEL = "http://127.0.0.1:9/v1", "key", "small"
    assert write(harbour) == [answer(harbour, QUESTION).content]


def test_a_stream_that_breaks_off_keeps_what_was_said(harbour, language_model):
    language_model.pieces, language_model.breaks = ["It costs"], True
    assert write(harbour) == ["It costs", "…"]


def test_a_model_that_takes_too_long_is_cut_off(harbour, language_model, monkeypatch):
    monkeypatch.setattr(writing, "SECONDS", 0)
    language_model.pieces = ["It ", "costs ", "25 euros."]
    assert write(harbour)[-1] == answer(harbour, QUESTION).content


def test_without_a_model_or_an_answer_nothing_is_asked(harbour, language_model, settings):
    nothing = answer(harbour, "Who wrote the opera about the barber of Seville?")
    assert list(writing.write(harbour, "?", nothing)) == [harbour.fallback_message]
    settings.LLM_MODEL = ""
    assert not writing.is_configured()
    assert write(harbour) == [answer(harbour, QUESTION).content]
    assert language_model.asked == []


NOWHERE = "Who wrote the opera about the barber of Seville?"


def ask_beyond(persona, strictness):
    persona.strictness = strictness
    return list(writing.write(persona, NOWHERE, answer(persona, NOWHERE, cache=False)))


@pytest.mark.parametrize("strictness", ["documents_first", "free"])
def test_a_looser_persona_may_write_where_its_documents_are_silent(harbour, language_model, strictness):
    language_model.pieces = ["This is not from my documents: Rossini."]
    assert ask_beyond(harbour, strictness) == ["This is not from my documents: Rossini."]
    [request] = language_model.asked
    assert harbour.fallback_message in request["messages"][0]["content"]


def test_documents_first_says_what_is_not_from_the_documents(harbour, language_model):
    language_model.pieces = ["Fine."]
    ask_beyond(harbour, "documents_first")
    rules = " ".join(language_model.asked[0]["messages"][0]["content"].split())
    assert "begin by saying that this is not from your documents" in rules


@pytest.mark.parametrize("strictness", ["only_documents", "documents_first", "free"])
def test_without_a_model_the_personas_own_line_is_said_however_loose_it_is(harbour, strictness):
    assert ask_beyond(harbour, strictness) == [harbour.fallback_message]


def test_the_strict_are_told_to_use_nothing_else(harbour, language_model):
    language_model.pieces = ["Fine."]
    write(harbour)
    assert "and nothing else" in language_model.asked[0]["messages"][0]["content"]


def test_the_written_style_is_told_and_the_spoken_one_is_not(harbour, language_model):
    language_model.pieces = ["Fine."]
    harbour.written_style, harbour.spoken_style = "In full paragraphs.", "Like somebody on a radio."
    write(harbour)
    rules = language_model.asked[0]["messages"][0]["content"]
    assert "In full paragraphs." in rules
    assert "radio" not in rules
