"""Passages' vectors: made at ingestion, or later when the model was missing then."""

import numpy as np
from django.db import transaction

from knowledge import caching, embeddings
from knowledge.models import Document, Library, Passage, Vectors

STEP = 32  # passages embedded between two signs of life


def are_of_use(persona):
    """Whether vectors count for anything in the persona's language."""
    return embeddings.configured().choose_share(persona.language) > 0


def embed(passages, threads=1):
    """[(vector, sentence vectors), …] as float16 bytes, one pair per passage; a passage is embedded under its heading.
    Raises embeddings.EmbeddingFailed."""
    texts = [f"{passage.heading.rsplit(' › ', 1)[-1]}\n{passage.text}".strip() for passage in passages]
    sentences = [passage.text[start:end] for passage in passages for start, end in passage.sentences]
    made = embeddings.configured().embed(texts + sentences, threads).astype(np.float16)
    found, place = [], len(passages)
    for passage, vector in zip(passages, made, strict=False):
        last = place + len(passage.sentences)
        found.append((vector.tobytes(), made[place:last].tobytes()))
        place = last
    return found


def keep(passages, made):
    """Put what ``embed`` made beside its passages, which are saved; nothing when nothing was made."""
    if not made:
        return
    engine = embeddings.configured().id
    rows = [
        Vectors(passage=passage, engine=engine, vector=vector, sentence_vectors=inner)
        for passage, (vector, inner) in zip(passages, made, strict=True)
    ]
    Vectors.objects.bulk_create(rows, batch_size=200)


def fill_in(most=500):
    """Embed passages that were kept while the model was missing, or by an earlier one. Returns how many, about ``most``
    at once."""
    if not embeddings.status().ready:
        return 0
    filled = 0
    for document in _without_vectors():
        passages = list(document.passages.order_by("position"))
        with caching.changing(document.persona_id):
            filled += _fill(document, passages)
        if filled >= most:
            break
    return filled


def _without_vectors():
    """Ready documents with passages without this engine's vectors, of personas whose language makes use of them."""
    bare = Passage.objects.without_vectors(embeddings.configured().id).values("document")
    for document in Document.objects.ready().filter(pk__in=bare).select_related("persona").order_by("created_at"):
        if are_of_use(document.persona):
            yield document


def _fill(document, passages):
    made = [pair for start in range(0, len(passages), STEP) for pair in embed(passages[start : start + STEP])]
    with transaction.atomic():
        Vectors.objects.filter(passage__document=document).delete()
        keep(passages, made)
        Library.objects.moved(document.persona_id)
    return len(passages)
