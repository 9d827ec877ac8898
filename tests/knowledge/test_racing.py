"""Questions asked while the knowledge changes: whoever asks after a change hears nothing of what was before."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.db.models.signals import post_delete

from knowledge import answering, claims, ingestion, usage
from knowledge.models import Cited, Document, Passage
from tests.knowledge.conftest import make_persona

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = "What is the code of the harbour gate?"
ASKING, ROUNDS = 3, 15


def write(number):
    return f"The code of the harbour gate is {number}. It is changed often."


def ask_until(stopped, persona):
    """[(when it was asked, what was said)], asked again and again, through the cache."""
    heard = []
    try:
        while not stopped.is_set():
            asked = time.monotonic()
            heard.append((asked, answering.answer(persona, QUESTION).content))
    finally:
        connection.close()
    return heard


@pytest.fixture
def racing():
    """What was heard while a change was made: racing(persona, change) gives [(when, what was said)]."""

    def race(persona, change):
        stopped = threading.Event()
        with ThreadPoolExecutor(ASKING) as pool:
            asking = [pool.submit(ask_until, stopped, persona) for _ in range(ASKING)]
            try:
                change()
                time.sleep(0.2)
            finally:
                stopped.set()
            return sorted(itertools.chain.from_iterable(one.result() for one in asking))

    return race


def test_a_question_asked_after_a_change_never_hears_what_was_before(racing):
    persona = make_persona("Maren")
    document = ingestion.ingest(ingestion.receive(persona, "Gate", text=write(1000)))
    changed = [(time.monotonic(), 1000)]

    def change():
        for number in range(1001, 1001 + ROUNDS):
            Document.objects.filter(pk=document.pk).update(pasted_text=write(number))
            claims.release(document)
            ingestion.ingest(document)
            changed.append((time.monotonic(), number))

    heard = racing(persona, change)
    assert len(heard) > ROUNDS
    for asked, said in heard:
        known = max(number for at, number in changed if at <= asked)
        assert int(said.split("is ")[1][:4]) >= known  # and while it is read again, the old text goes on answering
    assert str(1000 + ROUNDS) in heard[-1][1]


def test_a_question_asked_after_a_deletion_hears_nothing_of_it(racing):
    persona = make_persona("Maren")
    document = ingestion.ingest(ingestion.receive(persona, "Gate", text=write(1000)))
    ingestion.ingest(ingestion.receive(persona, "Ferry", text="The ferry leaves at nine in the morning."))
    gone = []

    def change():
        time.sleep(0.2)
        Document.objects.get(pk=document.pk).delete()
        gone.append(time.monotonic())

    heard = racing(persona, change)
    before = [said for asked, said in heard if asked < gone[0]]
    after = [said for asked, said in heard if asked >= gone[0]]
    assert any("1000" in said for said in before)
    assert after
    assert not any("1000" in said for said in after)


def test_a_citation_noted_while_its_document_goes_does_not_keep_it_from_going():
    persona = make_persona("Gatekeeper")
    document = ingestion.receive(persona, "Codes", text=write(1))
    ingestion.ingest(document)
    citations = [citation.as_json() for citation in answering.answer(persona, QUESTION).citations]
    assert citations

    def note():
        usage.note([usage.Note(persona.pk, QUESTION, "spoken", True, "", citations)])
        connection.close()

    def note_meanwhile(**_):  # the citations there were are deleted by now, the document is not
        thread = threading.Thread(target=note)
        notes.append(thread)
        thread.start()
        thread.join(1)

    notes = []
    post_delete.connect(note_meanwhile, sender=Passage)
    try:
        ingestion.forget(document)
    finally:
        post_delete.disconnect(note_meanwhile, sender=Passage)
    for thread in notes:
        thread.join()
    assert notes and not Document.objects.exists() and not Cited.objects.exists()
