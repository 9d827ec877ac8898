import logging
import threading
import time

import numpy as np
import pytest

from knowledge import answering, changeovers, checks, embeddings, shelf
from knowledge.embeddings import EmbeddingFailed
from knowledge.embeddings import endpoint as module
from tests.knowledge import samples

QUESTION = "When does the bridge open for boats?"


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)


def engine():
    return embeddings.configured()


def test_without_settings_the_engine_of_this_host_is_used():
    assert engine().id == embeddings.LOCAL


def test_the_engine_is_named_by_host_and_model_and_asked_for_dimensions(endpoint, settings):
    host = f"127.0.0.1:{endpoint.server_port}"
    assert engine().id == f"{host}/hashed"
    settings.EMBEDDING_DIMENSIONS = 16
    assert engine().id == f"{host}/hashed#16"
    assert engine().embed(["harbour"]).shape == (1, 16)
    assert module.name("https://user:password@example.org/v1", "small") == "example.org/small"


def test_vectors_are_of_unit_length_and_in_the_order_given(endpoint):
    endpoint.change = lambda rows: rows[::-1]
    texts = [f"word{number}" for number in range(150)]
    found = engine().embed(texts)
    assert found.shape == (150, 48)
    assert found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found[70], engine().embed_question("word70"), atol=1e-5)
    assert engine().width == 48


def test_documents_go_in_batches(endpoint):
    engine().embed(["word"] * 150)
    assert sorted(len(asked["input"]) for asked in endpoint.asked) == [22, 64, 64]
    assert {asked["authorization"] for asked in endpoint.asked} == {"Bearer a-secret-key"}


def test_no_text_is_too_long_or_empty_for_the_endpoint(endpoint):
    engine().embed(["word " * 5_000, "  "])
    long, empty = endpoint.asked[0]["input"]
    assert len(long) == module.CHARACTERS
    assert empty
    assert len(engine().embed([])) == 0


def test_documents_are_tried_again_after_a_passing_fault(endpoint):
    endpoint.failures = 2
    assert engine().embed(["harbour"]).shape == (1, 48)
    assert len(endpoint.asked) == 3
    assert engine().status().ready


def test_documents_wait_as_long_as_the_endpoint_asks_for(endpoint):
    endpoint.failures, endpoint.status, endpoint.headers = 1, 429, {"Retry-After": "0.4"}
    started = time.monotonic()
    engine().embed(["harbour"])
    assert time.monotonic() - started >= 0.4


def test_documents_do_not_wait_for_ever(endpoint):
    endpoint.failures, endpoint.status, endpoint.headers = 1, 429, {"Retry-After": "86400"}
    with pytest.raises(EmbeddingFailed, match="429"):
        engine().embed(["harbour"])
    assert len(endpoint.asked) == 1


def test_a_clear_no_is_not_tried_again(endpoint):
    endpoint.failures, endpoint.status = 1, 401
    with pytest.raises(EmbeddingFailed, match="EMBEDDING_API_KEY"):
        engine().embed(["harbour"])
    assert len(endpoint.asked) == 1


def test_a_question_has_one_try(endpoint):
    endpoint.failures = 1
    with pytest.raises(EmbeddingFailed, match="500"):
        engine().embed_question(QUESTION, seconds=1)
    assert len(endpoint.asked) == 1


def test_a_slow_endpoint_is_given_up_in_time(endpoint):
    endpoint.seconds = 2
    started = time.monotonic()
    with pytest.raises(EmbeddingFailed):
        engine().embed_question(QUESTION, seconds=0.3)
    assert time.monotonic() - started < 0.6


def test_an_answer_that_trickles_in_for_ever_is_given_up_too(endpoint, monkeypatch):
    endpoint.trickles = True
    with pytest.raises(EmbeddingFailed):
        engine().embed_question(QUESTION, seconds=0.6)
    assert not engine().status().ready
    embeddings.forget_endpoints()
    monkeypatch.setattr(module, "DOCUMENT_SECONDS", 0.4)
    with pytest.raises(EmbeddingFailed, match="in time"):
        engine().embed(["harbour"])
    assert not engine().status().ready


def test_a_question_that_had_hardly_any_time_blames_nobody(endpoint):
    endpoint.seconds = 0.3
    with pytest.raises(EmbeddingFailed):
        engine().embed_question(QUESTION, seconds=0.1)
    time.sleep(0.1)
    assert engine().status().ready


def test_a_dead_endpoint_costs_one_caller_and_not_each(endpoint):
    endpoint.seconds = 3
    with pytest.raises(EmbeddingFailed):
        engine().embed_question(QUESTION, seconds=0.6)
    time.sleep(0.2)  # for the thread that asked
    started = time.monotonic()
    for _ in range(20):
        with pytest.raises(EmbeddingFailed):
            engine().embed_question(QUESTION, seconds=0.6)
    assert time.monotonic() - started < 0.2
    assert len(endpoint.asked) == 1
    assert not engine().status().ready


def test_an_endpoint_that_is_back_is_found_by_one_try(endpoint, monkeypatch):
    monkeypatch.setattr(module, "LEFT_ALONE_SECONDS", 0.3)
    endpoint.drops = True
    with pytest.raises(EmbeddingFailed, match="cannot be reached"):
        engine().embed_question(QUESTION)
    endpoint.drops, endpoint.seconds = False, 0.2
    time.sleep(0.35)
    outcomes = []

    def ask():
        try:
            outcomes.append(len(engine().embed_question(QUESTION, seconds=2)))
        except EmbeddingFailed:
            outcomes.append(None)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [48, None, None, None, None]
    assert engine().status().ready
    assert len(engine().embed_question(QUESTION)) == 48


def spoil(row, value):
    return {**row, "embedding": value}


NONSENSE = {
    "fewer rows": lambda rows: rows[:-1],
    "more rows": lambda rows: [*rows, {**rows[0], "index": len(rows)}],
    "one row twice": lambda rows: [rows[0], rows[0]],
    "not a number": lambda rows: [spoil(rows[0], [float("nan")] * 48), *rows[1:]],
    "zero": lambda rows: [spoil(rows[0], [0.0] * 48), *rows[1:]],
    "endless": lambda rows: [spoil(rows[0], [1e38] * 48), *rows[1:]],
    "two widths": lambda rows: [spoil(rows[0], [1.0] * 7), *rows[1:]],
    "words": lambda rows: [spoil(rows[0], "none"), *rows[1:]],
    "no vector": lambda rows: [{"index": 0}, *rows[1:]],
    "nothing": lambda rows: None,
    "empty": lambda rows: [spoil(row, []) for row in rows],
}


@pytest.mark.parametrize("change", NONSENSE.values(), ids=NONSENSE)
def test_an_answer_that_is_not_vectors_is_refused(endpoint, change):
    endpoint.change = change
    with pytest.raises(EmbeddingFailed):
        engine().embed(["harbour", "bridge"])


def test_another_width_than_before_is_refused(endpoint):
    engine().embed(["harbour"])
    endpoint.width = 32
    with pytest.raises(EmbeddingFailed, match="EMBEDDING_DIMENSIONS"):
        engine().embed(["bridge"])


def test_neither_key_nor_question_comes_into_a_log(endpoint, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpx2", "httpcore", "httpcore2", "openai"):
        assert logging.getLogger(name).level == logging.WARNING
    for endpoint.status in (500, 400, 429):
        endpoint.failures = 1
        embeddings.forget_endpoints()
        with pytest.raises(EmbeddingFailed) as failure:
            engine().embed_question(QUESTION)
        assert "bridge" not in str(failure.value)
    assert "a-secret-key" not in caplog.text
    assert "bridge" not in caplog.text


def test_another_model_at_the_same_address_can_still_be_asked(endpoint, settings):
    before = engine().id
    settings.EMBEDDING_MODEL = "newer"
    embeddings.find(before).embed_question(QUESTION)
    assert endpoint.asked[-1]["model"] == "hashed"


def test_an_engine_that_is_not_set_up_any_more_has_failed(endpoint, settings):
    before = engine().id
    settings.EMBEDDING_BASE_URL = "http://127.0.0.1:9/v1"
    with pytest.raises(EmbeddingFailed, match="not set up"):
        embeddings.find(before)


@pytest.mark.django_db
def test_questions_are_answered_with_an_endpoints_vectors(endpoint, persona, teach):
    teach(persona, "Bridge", samples.HARBOUR["Bridge"])
    assert persona.passages.get().vectors.get().engine == engine().id
    trial = answering.look_up(persona, QUESTION)
    assert trial.search.vector.shape == (48,)
    assert trial.search.matches[0].parts["sentence"] > 0
    assert not trial.answer.degraded
    assert "six in the morning" in trial.answer.content


@pytest.mark.django_db
def test_a_dead_endpoint_leaves_the_words(endpoint, persona, teach):
    teach(persona, "Bridge", samples.HARBOUR["Bridge"])
    endpoint.drops = True
    said = answering.answer(persona, QUESTION)
    assert said.degraded
    assert "six in the morning" in said.content


@pytest.mark.django_db
def test_documents_read_while_the_endpoint_is_dead_get_their_vectors_later(endpoint, persona, teach, monkeypatch):
    monkeypatch.setattr(module, "LEFT_ALONE_SECONDS", 0.1)
    endpoint.drops = True
    teach(persona, "Bridge", samples.HARBOUR["Bridge"])
    assert not persona.passages.get().vectors.exists()
    endpoint.drops = False
    time.sleep(0.15)
    assert changeovers.carry_on(persona)
    assert persona.passages.get().vectors.get().engine == engine().id


@pytest.mark.django_db
def test_an_index_knows_engine_and_width(endpoint, persona, teach):
    teach(persona, "Bridge", samples.HARBOUR["Bridge"])
    found = shelf.find(persona)
    assert (found.engine, found.width) == (engine().id, 48)
    assert "hashed" in next(shelf.directory().glob("*.index")).name


@pytest.mark.django_db
def test_a_question_of_another_width_is_not_compared(endpoint, persona, teach):
    teach(persona, "Bridge", samples.HARBOUR["Bridge"])
    embeddings.forget_endpoints()
    endpoint.width = 32
    said = answering.answer(persona, QUESTION)
    assert said.degraded
    assert "32 numbers" in said.reason


@pytest.mark.parametrize(
    ("languages", "language", "share"),
    [((), "zh", 0.7), (("en", "de"), "de", 0.7), (("en", "de"), "fr", 0.3), (("en", "de"), "zh", 0.0)],
)
def test_the_settings_say_in_which_languages_vectors_count(endpoint, settings, languages, language, share):
    settings.EMBEDDING_LANGUAGES = list(languages)
    assert engine().choose_share(language) == share


def test_half_a_setting_is_said_at_start(settings):
    settings.EMBEDDING_MODEL = "small"
    assert "EMBEDDING_BASE_URL" in checks.check_embedding_endpoint()[0].msg
    assert engine().id == embeddings.LOCAL
    settings.EMBEDDING_BASE_URL = "localhost:8080"
    assert "not an address" in checks.check_embedding_endpoint()[0].msg
    assert engine().id == embeddings.LOCAL
    settings.EMBEDDING_BASE_URL = "http://localhost:8080/v1"
    assert checks.check_embedding_endpoint() == []
