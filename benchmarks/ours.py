"""Our own retrieval in a contest, through the ordinary path: rows in SQLite, the shelf's files, `retrieval.search`. Only
the question's vector is the stock's. Runs inside `manage.py shell`.
"""

import uuid

import numpy as np
from django.core.management import call_command
from django.utils import timezone

from benchmarks.contestant import Ready, serve
from benchmarks.stock import FIRST
from knowledge import embeddings, evaluation, hearing, retrieval, shelf
from knowledge.models import Document, Library, Passage, Vectors
from personas.models import Persona

STEP = 1_000
SHARE = 0.7  # of the vectors in English


def compete(folder):
    """Lay the rows, which is not measured, then build and answer."""
    call_command("migrate", verbosity=0)
    serve(_start, folder, _Laid)


def _start(laid, folder):
    folder.rmdir()
    folder.symlink_to(shelf.directory())
    for persona in laid.personas:
        laid.indexes.append(shelf.find(persona))
    return Ready(laid.ask, laid.exact)


class _Laid:
    """The stock's personas with their rows, and what is asked of them."""

    def __init__(self, stock):
        self.stock, self.indexes = stock, []
        self.personas = [_fill(stock, number) for number in stock.personas]
        self.starts = [persona.passages.order_by("pk").values_list("pk", flat=True)[0] for persona in self.personas]
        shelf.OPEN_AT_MOST = max(shelf.OPEN_AT_MOST, len(self.personas))

    def ask(self, question):
        persona = self.stock.asked_of[question]
        retrieval._embed = lambda *_: (self.stock.question_vectors[question], SHARE, "")
        found = retrieval.search(self.personas[persona], self.stock.questions[question], limit=FIRST)
        return [match.passage_id - self.starts[persona] + self.stock.bounds[persona] for match in found.matches]

    def exact(self, question):
        """By the formula as it is written down, over every passage and every sentence as they were given."""
        persona = self.stock.asked_of[question]
        first, last = self.stock.shelf(persona)
        index, vector = self.indexes[persona], self.stock.question_vectors[question]
        weights = retrieval.choose_weights("en", SHARE)
        heard = hearing.hear(self.stock.questions[question], index, embeddings.is_word)
        asked = retrieval.understand(index, heard, vector)
        words, grams = index.words.score(asked.words), index.grams.score(asked.grams)
        ends = np.cumsum([0, *map(len, self.stock.spans)])
        inner = self.stock.sentence_vectors[ends[first] : ends[last]].astype(np.float32) @ vector
        inner = index.weigh(np.maximum.reduceat(inner, ends[first:last] - ends[first]))
        whole = index.weigh(self.stock.vectors[first:last].astype(np.float32) @ vector)
        dense = (np.maximum(whole, 0) + np.maximum(inner, 0)) / 2
        places = index.ids - self.starts[persona]  # of the index's rows, in the stock
        scores = weights.words * _relative(words) + weights.grams * _relative(grams) + weights.dense * dense[places]
        return first + places[np.argsort(-scores, kind="stable")[:FIRST]]


def _relative(scores):
    return scores / max(scores.max(initial=0), 1e-9)


def _fill(stock, number):
    """A persona with rows as ingestion would leave them, their keys in the order of the stock."""
    persona = Persona(name=f"Persona {number}", slug=f"{evaluation.PREFIX}{number}", status=Persona.Status.DRAFT)
    Persona.objects.bulk_create([persona])
    first, last = stock.shelf(number)
    documents, sentences = {}, np.cumsum([0, *map(len, stock.spans)])
    for owner in dict.fromkeys(stock.owners[first:last]):
        documents[owner] = Document(
            persona=persona,
            title=f"Document {owner}",
            kind="txt",
            status="ready",
            sha256=uuid.uuid4().hex,
            read_at=timezone.now(),
        )
    Document.objects.bulk_create(documents.values(), batch_size=STEP)
    for start in range(first, last, STEP):
        places = range(start, min(start + STEP, last))
        rows = Passage.objects.bulk_create(
            Passage(
                document=documents[stock.owners[place]], persona=persona, position=place, text=stock.texts[place],
                start=0, end=len(stock.texts[place]), sentences=stock.spans[place],
            )
            for place in places
        )  # fmt: skip
        Vectors.objects.bulk_create(
            Vectors(
                passage=row, engine=embeddings.configured().id, vector=stock.vectors[place].tobytes(),
                sentence_vectors=stock.sentence_vectors[sentences[place] : sentences[place + 1]].tobytes(),
            )
            for row, place in zip(rows, places, strict=True)
        )  # fmt: skip
    Library.objects.moved(persona.pk)
    return persona
