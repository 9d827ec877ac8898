import numpy as np
import pytest

from knowledge import answering, changeovers, embeddings, shelf
from knowledge.embeddings import yardstick
from knowledge.models import Scale
from tests.knowledge import samples

QUESTION = "When does the bridge open for boats?"


@pytest.fixture
def local(model):
    return embeddings.find(embeddings.LOCAL)


@pytest.fixture
def pressed(endpoint, local):
    """An engine that knows what the one of this host knows, but whose cosines lie between 0.69 and 1."""
    away = np.random.default_rng(5).standard_normal(local.width)
    away /= np.linalg.norm(away)

    def embed(text, width):
        return (local.embed([text])[0] + 1.5 * away).tolist()

    endpoint.embed = embed
    return endpoint


def test_the_engine_of_this_host_is_where_the_yardstick_says(local):
    assert yardstick.measure(local) == pytest.approx((yardstick.NEAR, yardstick.FAR), abs=0.002)
    found = yardstick.find_scale(local)
    assert (found.slope, found.shift) == pytest.approx((1, 0), abs=0.01)


def test_cosines_that_are_pressed_together_are_brought_back(pressed, local):
    engine = embeddings.configured()
    near, far = yardstick.measure(engine)
    assert 0.69 < far < near < 1
    scale = yardstick.find_scale(engine)
    for text in ("The swing bridge opens for boats at six.", "Bananas are a fruit."):
        theirs = engine.embed([text])[0] @ engine.embed_question(QUESTION)
        ours = local.embed([text])[0] @ local.embed_question(QUESTION)
        assert scale.slope * theirs + scale.shift == pytest.approx(ours, abs=0.08)


def test_an_engine_that_tells_nothing_apart_has_no_scale(endpoint):
    endpoint.embed = lambda text, width: [1.0] * width
    assert yardstick.find_scale(embeddings.configured()).slope == 0


def teach_all(persona, teach):
    for title, text in samples.HARBOUR.items():
        teach(persona, title, text)


QUESTIONS = (QUESTION, "What does a night cost for a boat of ten metres?", "Who won the world cup in 1998?", "How are cells stained?")  # fmt: skip


@pytest.mark.django_db
def test_evidence_by_a_scaled_engine_is_that_of_the_engine_of_this_host(pressed, settings, persona, other, teach):
    teach_all(persona, teach)
    settings.EMBEDDING_MODEL = ""
    teach_all(other, teach)
    theirs = [answering.look_up(persona, question) for question in QUESTIONS]
    ours = [answering.look_up(other, question) for question in QUESTIONS]
    assert theirs[0].search.vector is not None
    assert [one.answer.found for one in theirs] == [one.answer.found for one in ours] == [True, True, False, False]
    assert [one.evidence.strength for one in theirs] == pytest.approx([one.evidence.strength for one in ours], abs=0.05)


@pytest.mark.django_db
def test_the_scale_is_measured_once_and_stands_in_the_index(pressed, persona, teach):
    teach_all(persona, teach)
    assert sum(len(asked["input"]) == 2 * len(yardstick.PAIRS) for asked in pressed.asked) == 1
    found = shelf.find(persona)
    assert found.is_scaled
    assert found.scale.tolist() == list(Scale.objects.values_list("slope", "shift").get())


@pytest.mark.django_db
def test_without_a_scale_words_alone_are_evidence(pressed, persona, teach):
    teach_all(persona, teach)
    Scale.objects.all().delete()
    trial = answering.look_up(persona, QUESTION)
    assert not trial.search.index.is_scaled
    assert trial.search.vector is not None
    assert trial.evidence.needed < 0.4
    assert trial.answer.found


@pytest.mark.django_db
def test_a_change_to_an_engine_measures_it_too(harbour, pressed):
    changeovers.carry_on(harbour)
    assert shelf.find(harbour).is_scaled
