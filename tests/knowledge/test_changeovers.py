import threading
import time
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from knowledge import answering, changeovers, embeddings, ingestion, shelf, tasks, vectors
from knowledge.embeddings import EmbeddingFailed
from knowledge.embeddings import endpoint as module
from knowledge.models import Document, Library, Vectors
from tests.knowledge import samples

pytestmark = pytest.mark.django_db

QUESTION = "When does the bridge open for boats?"


class Crash(Exception):
    """The worker dies."""


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(module, "LEFT_ALONE_SECONDS", 0.05)


@pytest.fixture
def changed(harbour, endpoint):
    """A persona embedded by the engine of this host, while the settings name another by now."""
    return harbour


def library(persona):
    return Library.objects.get(pk=persona.pk)


def engines(persona):
    """Every passage's engines."""
    return [sorted(one.vectors.values_list("engine", flat=True)) for one in persona.passages.order_by("pk")]


def wanted():
    return embeddings.configured().id


def test_a_new_persona_is_answered_by_the_engine_in_use(harbour):
    assert library(harbour).engine == embeddings.LOCAL
    assert changeovers.find_due() == []
    assert changeovers.describe(harbour) is None


def test_nothing_is_said_of_a_persona_that_lacks_no_vector(harbour):
    Library.objects.update(engine="")
    assert not changeovers.describe(harbour).is_seen


def test_a_change_of_engine_is_found_and_carried_out(changed):
    before = library(changed).version
    assert changeovers.find_due() == [changed.pk]
    assert changeovers.carry_on(changed)
    after = library(changed)
    assert (after.engine, after.settled) == (wanted(), True)
    assert after.version == before + 1
    assert engines(changed) == [[wanted()]] * 3
    assert changeovers.find_due() == []


def test_questions_are_answered_by_the_old_vectors_until_then(changed, endpoint):
    trial = answering.look_up(changed, QUESTION)
    assert endpoint.asked == []
    assert trial.search.index.engine == embeddings.LOCAL
    assert trial.search.vector.shape == (384,)
    assert not trial.answer.degraded
    changeovers.carry_on(changed)
    trial = answering.look_up(changed, QUESTION)
    assert trial.search.index.engine == wanted()
    assert trial.search.vector.shape == (48,)
    assert "six in the morning" in trial.answer.content


def test_a_cached_answer_of_the_old_vectors_is_not_given_after_the_change(changed, cached):
    answering.answer(changed, QUESTION)
    assert cached(changed, QUESTION)
    changeovers.carry_on(changed)
    assert not cached(changed, QUESTION)


def test_an_old_engine_that_is_gone_leaves_the_words_and_staff_are_told(changed, endpoint, settings, admin_client):
    changeovers.carry_on(changed)
    settings.EMBEDDING_BASE_URL = "http://127.0.0.1:9/v1"
    said = answering.answer(changed, QUESTION)
    assert said.degraded
    assert "not set up" in said.reason
    assert "six in the morning" in said.content
    page = admin_client.get(f"/admin/personas/persona/{changed.pk}/change/").content.decode()
    assert "not set up here any more" in page
    assert "answers are found by words alone" in page


def test_documents_added_meanwhile_get_vectors_of_both(changed, teach):
    teach(changed, "Fuel", "Diesel is sold at the fuel quay from eight to six.")
    assert sorted(engines(changed)[-1]) == sorted([embeddings.LOCAL, wanted()])
    assert engines(changed)[0] == [embeddings.LOCAL]
    assert "fuel quay" in answering.answer(changed, "Where is diesel sold?").content


def test_a_crash_in_the_middle_leaves_the_old_answering_and_the_rest_is_made_later(changed, monkeypatch, endpoint):
    monkeypatch.setattr(changeovers, "AT_ONCE", 1)
    made = []

    def die(count):
        made.append(count)
        raise Crash

    with pytest.raises(Crash):
        changeovers.carry_on(changed, advance=die)
    assert library(changed).engine == embeddings.LOCAL
    assert not answering.look_up(changed, QUESTION).answer.degraded
    asked = len(endpoint.asked)
    assert changeovers.carry_on(changed)
    assert len(endpoint.asked) == asked + 2
    assert engines(changed) == [[wanted()]] * 3


def test_a_crash_before_the_old_vectors_are_deleted_is_made_good(changed, monkeypatch):
    once = vectors.remove_others

    def die(persona, kept):
        if len(kept) == 1:
            raise Crash
        once(persona, kept)

    monkeypatch.setattr(vectors, "remove_others", die)
    with pytest.raises(Crash):
        changeovers.carry_on(changed)
    assert library(changed).engine == wanted()
    assert engines(changed) == [sorted([embeddings.LOCAL, wanted()])] * 3
    monkeypatch.setattr(vectors, "remove_others", once)
    assert changeovers.find_due() == [changed.pk]
    assert changeovers.carry_on(changed)
    assert engines(changed) == [[wanted()]] * 3


def test_a_worker_that_was_killed_is_replaced_after_a_while(changed):
    Library.objects.update(embedding_since=timezone.now())
    assert changeovers.find_due() == []
    with pytest.raises(changeovers.Taken):
        changeovers.carry_on(changed)
    Library.objects.update(embedding_since=timezone.now() - changeovers.STALE - timedelta(seconds=1))
    assert changeovers.find_due() == [changed.pk]
    assert changeovers.carry_on(changed)


def test_going_back_in_the_middle_drops_what_was_made(changed, settings, teach, monkeypatch):
    monkeypatch.setattr(changeovers, "AT_ONCE", 1)
    assert not changeovers.carry_on(changed, seconds=0)
    with pytest.raises(Crash):
        changeovers.carry_on(changed, advance=lambda _: (_ for _ in ()).throw(Crash))
    teach(changed, "Fuel", "Diesel is sold at the fuel quay.")
    version = library(changed).version
    settings.EMBEDDING_MODEL = ""
    changeovers.carry_on(changed)
    Library.objects.update(settled=False)  # as the sweep finds it when it was not
    assert changeovers.carry_on(changed)
    assert (library(changed).engine, library(changed).version) == (embeddings.LOCAL, version)
    assert engines(changed) == [[embeddings.LOCAL]] * 4


def test_a_third_engine_takes_the_place_of_the_second(changed, settings, monkeypatch):
    monkeypatch.setattr(changeovers, "AT_ONCE", 1)
    with pytest.raises(Crash):
        changeovers.carry_on(changed, advance=lambda _: (_ for _ in ()).throw(Crash))
    settings.EMBEDDING_MODEL = "another"
    assert changeovers.carry_on(changed)
    assert engines(changed) == [[wanted()]] * 3
    assert "another" in library(changed).engine


def test_an_engine_that_fails_leaves_the_old_answering_and_the_reason(changed, endpoint, admin_client):
    endpoint.failures, endpoint.status = 99, 401
    with pytest.raises(EmbeddingFailed):
        changeovers.carry_on(changed)
    assert library(changed).engine == embeddings.LOCAL
    page = admin_client.get(f"/admin/personas/persona/{changed.pk}/change/").content.decode()
    assert "0 of 3 passages (0 %)" in page
    assert "EMBEDDING_API_KEY" in page
    endpoint.failures = 0
    time.sleep(0.1)
    assert changeovers.carry_on(changed)
    assert changeovers.describe(changed) is None


def test_work_ends_when_its_time_is_over_and_goes_on_later(changed, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(tasks, "EMBEDDING_SECONDS", 0)
    with django_capture_on_commit_callbacks() as started:
        tasks.make_vectors(str(changed.pk))
    assert len(started) == 1
    assert library(changed).embedding_since is None
    monkeypatch.setattr(tasks, "EMBEDDING_SECONDS", 60)
    tasks.make_vectors(str(changed.pk))
    assert library(changed).engine == wanted()


def test_the_sweep_starts_what_is_due(changed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_up_waiting_documents()
    assert library(changed).engine == wanted()


def test_a_sweep_leaves_alone_what_cannot_be_done_now(changed, endpoint, django_capture_on_commit_callbacks):
    endpoint.drops = True
    with django_capture_on_commit_callbacks(execute=True):
        tasks.take_up_waiting_documents()
    assert library(changed).engine == embeddings.LOCAL
    assert "cannot be reached" in library(changed).embedding_problem


def test_without_the_model_passages_wait_for_their_vectors(persona, teach, no_model, model, tmp_path):
    teach(persona, "Bridge", samples.HARBOUR["Bridge"])
    assert engines(persona) == [[]]
    with pytest.raises(EmbeddingFailed):
        changeovers.carry_on(persona)
    (tmp_path / "model").symlink_to(model)
    embeddings.forget_model()
    before = library(persona).version
    assert changeovers.find_due() == [persona.pk]
    assert changeovers.carry_on(persona)
    assert engines(persona) == [[embeddings.LOCAL]]
    assert library(persona).version > before
    assert changeovers.find_due() == []


def test_a_language_the_new_engine_does_not_know_needs_no_vectors_of_it(persona, teach, endpoint, settings):
    persona.language = "zh"
    persona.save()
    teach(persona, "一", "石油危机始于1973年。")
    assert engines(persona) == [[wanted()]]
    settings.EMBEDDING_MODEL = ""
    assert changeovers.carry_on(persona)
    assert engines(persona) == [[]]
    assert library(persona).engine == embeddings.LOCAL


def test_a_language_that_the_engine_knows_after_all_gets_its_vectors(persona, teach):
    persona.language = "zh"
    persona.save()
    teach(persona, "One", "The bridge opens at six.")
    assert engines(persona) == [[]]
    persona.language = "en"
    persona.save()
    assert changeovers.find_due() == [persona.pk]
    assert changeovers.carry_on(persona)
    assert engines(persona) == [[embeddings.LOCAL]]


def test_an_endpoint_that_gives_another_width_is_found_out_by_the_next_process(changed, endpoint, teach):
    changeovers.carry_on(changed)
    embeddings.forget_endpoints()
    endpoint.width = 32
    teach(changed, "Fuel", "Diesel is sold at the fuel quay.")
    assert engines(changed)[-1] == []
    with pytest.raises(EmbeddingFailed, match="EMBEDDING_DIMENSIONS"):
        changeovers.carry_on(changed)


def test_the_command_embeds_and_changes_over(changed, capsys):
    call_command("embed_passages", persona=changed.slug)
    assert library(changed).engine == wanted()
    assert wanted() in capsys.readouterr().out


def test_the_command_can_keep_to_those_of_an_old_engine(changed, other, teach):
    teach(other, "Fuel", "Diesel is sold at the fuel quay.")
    call_command("embed_passages", engine=embeddings.LOCAL)
    assert library(changed).engine == wanted()
    with pytest.raises(CommandError, match="No persona is answered by"):
        call_command("embed_passages", engine=embeddings.LOCAL)


def test_the_command_says_what_stands_still(changed, endpoint, capsys):
    endpoint.drops = True
    with pytest.raises(CommandError, match="Not all"):
        call_command("embed_passages")
    assert "cannot be reached" in capsys.readouterr().err
    with pytest.raises(CommandError, match="no persona"):
        call_command("embed_passages", persona="nobody")


def test_whoever_asks_for_readiness_hears_of_the_change(changed, client, settings):
    settings.METRICS_TOKEN = "token-of-the-tests"
    asked = {"Authorization": "Bearer token-of-the-tests"}
    assert (
        "1 persona is answered by another engine"
        in client.get("/readyz", headers=asked).json()["parts"]["vectors"]["says"]
    )
    changeovers.carry_on(changed)
    assert client.get("/readyz", headers=asked).json()["parts"]["vectors"]["says"] == wanted()


def test_an_index_holds_one_engines_vectors_alone(changed, teach):
    teach(changed, "Fuel", "Diesel is sold at the fuel quay.")
    assert shelf.find(changed).width == 384
    changeovers.carry_on(changed)
    assert shelf.find(changed).width == 48
    assert not np.isnan(shelf.find(changed).vectors.decode()).any()


def in_thread(work, problems):
    def run():
        try:
            work()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_several_workers_do_not_double_the_work(changed, endpoint, monkeypatch):
    monkeypatch.setattr(changeovers, "AT_ONCE", 1)
    endpoint.seconds = 0.1
    problems = []
    workers = [in_thread(lambda: changeovers.carry_on(changed), problems) for _ in range(4)]
    for worker in workers:
        worker.join()
    assert [type(problem) for problem in problems] == [changeovers.Taken] * 3
    assert len(endpoint.asked) == 1 + 3  # the yardstick, and each passage
    assert engines(changed) == [[wanted()]] * 3


@pytest.mark.django_db(transaction=True)
def test_documents_that_come_and_go_during_a_change_are_all_right_in_the_end(
    changed, endpoint, settings, teach, monkeypatch
):
    monkeypatch.setattr(changeovers, "AT_ONCE", 2)
    settings.EMBEDDING_MODEL = ""
    for number in range(12):
        teach(changed, f"Old {number}", f"Berth {number} is for boats. It is deep.")
    settings.EMBEDDING_MODEL = "hashed"
    endpoint.seconds = 0.02
    problems = []

    def come_and_go():
        for number in range(8):
            document = ingestion.receive(changed, f"New {number}", text=f"Crane {number} lifts boats. It is strong.")
            ingestion.ingest(document)
            ingestion.forget(Document.objects.get(persona=changed, title=f"Old {number}"))
            if number % 2:
                ingestion.forget(document)

    def change():
        while not changeovers.carry_on(changed):
            time.sleep(0.01)

    threads = [in_thread(come_and_go, problems), in_thread(change, problems)]
    while any(thread.is_alive() for thread in threads):
        assert not answering.look_up(changed, QUESTION).answer.degraded
    for thread in threads:
        thread.join()
    assert problems == []
    changeovers.carry_on(changed)
    assert changed.passages.count() == 3 + 4 + 4
    assert engines(changed) == [[wanted()]] * 11
    assert Vectors.objects.count() == 11
    assert "six in the morning" in answering.answer(changed, QUESTION).content
