"""A file of questions with known answers as the stock of a contest: read, split and embedded as we do it, for everybody
alike. Runs inside `manage.py shell`.
"""

from pathlib import Path

import numpy as np
from django.core.management import call_command

from benchmarks import stock
from benchmarks.library import WIDTH
from knowledge import embeddings, evaluation
from knowledge.models import Passage


def lay(path, folder):
    """Write the file's passages, vectors and questions into a folder."""
    call_command("migrate", verbosity=0)
    made = stock.Stock([], [], [], [0], [], [], [], [], [], [])
    for number, plan in enumerate(evaluation.load(path)):
        with evaluation.throw_away(plan) as persona:
            numbers = _ingest(persona, plan, Path(path).parent, made)
            made.bounds.append(len(made.texts))
        for question in plan["questions"]:
            wanted = numbers.get(question["document"])
            if wanted is not None:
                made.questions.append(question["question"])
                made.asked_of.append(number)
                made.expected.append(wanted)
    engine = embeddings.configured()
    arrays = {
        "vectors": np.array(made.vectors, np.float16).reshape(-1, WIDTH),
        "sentence_vectors": np.concatenate(made.sentence_vectors),
        "question_vectors": np.array([engine.embed_question(question) for question in made.questions], np.float32),
    }
    stock.write(stock.Stock(**{name: getattr(made, name) for name in stock.LISTS}, **arrays), folder)


def _ingest(persona, plan, folder, made):
    """Add a persona's passages, and give its documents' numbers by title."""
    numbers, owners = {}, {}
    for document in plan["documents"]:
        kept = evaluation._ingest(persona, document, folder, plan["slug"])
        owner = owners.setdefault(kept.pk, len(set(made.owners)) + len(owners))
        numbers.setdefault(document["title"], []).append(owner)
    rows = Passage.objects.known_to(persona).with_vectors(embeddings.configured().id).order_by("pk")
    for row in rows:
        made.texts.append(row.text)
        made.spans.append(row.sentences)
        made.owners.append(owners[row.document_id])
        made.vectors.append(np.frombuffer(row.vector, np.float16))
        made.sentence_vectors.append(np.frombuffer(row.sentence_vectors, np.float16).reshape(-1, WIDTH))
    return numbers
