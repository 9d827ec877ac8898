"""Passages' vectors: by which engines they are made, how, and beside which passages they are kept."""

import logging

import numpy as np
from django.utils.translation import gettext as _

from knowledge import embeddings, yielding
from knowledge.models import Library, Passage, Scale, Vectors

logger = logging.getLogger(__name__)

STEP = 32  # passages embedded between two signs of life
DELETED_AT_ONCE = 2_000  # passages, so that nobody waits long for the rows


def choose_engines(persona):
    """The engines that embed a persona's new passages: the one that the settings name, and while another one's vectors
    still answer, that one too, if it can be asked."""
    engines = [embeddings.configured()]
    answering = Library.objects.read(persona.pk)[1]
    if answering not in ("", engines[0].id):
        try:
            engines.append(embeddings.find(answering))
        except embeddings.EmbeddingFailed as problem:
            logger.info("New passages of %s get no vectors to go with the old ones: %s", persona.slug, problem)
    return [engine for engine in engines if is_of_use(engine, persona)]


def is_of_use(engine, persona):
    """Whether the engine's vectors count for anything in one of the persona's languages."""
    return any(engine.choose_share(language) > 0 for language in persona.languages)


def make(persona, passages, threads, advance):
    """{engine id: what ``embed`` gives}, by every engine that the persona needs and that does not fail."""
    made, engines = {}, choose_engines(persona)
    for place, engine in enumerate(engines):

        def report(share, place=place):
            advance((place + share) / len(engines))

        try:
            made[engine.id] = embed(persona, passages, engine, threads, report)
        except embeddings.EmbeddingFailed as problem:
            logger.warning("New passages of %s get no vectors of %s for now: %s", persona.slug, engine.id, problem)
    return made


def embed(persona, passages, engine, threads=1, advance=lambda share: None):
    """[(vector, sentence vectors), …] as float16 bytes, one pair per passage; a passage is embedded under its heading.

    ``advance`` hears after every step which share is done. Raises embeddings.EmbeddingFailed.
    """
    gauge(engine)
    found = []
    for start in range(0, len(passages), STEP):
        found += _embed(passages[start : start + STEP], engine, threads)
        if not start:
            _check_width(persona, engine, found[0][0])
        advance(min(1.0, (start + STEP) / len(passages)))
    return found


def gauge(engine):
    """Have the scale of an engine's cosines kept, once. Raises embeddings.EmbeddingFailed."""
    if engine.id == embeddings.LOCAL or Scale.objects.filter(pk=engine.id).exists():
        return
    found = embeddings.find_scale(engine)
    Scale.objects.get_or_create(engine=engine.id, defaults={"slope": found.slope, "shift": found.shift})


def keep(library, passages, made):
    """Put vectors, ``made`` as {engine id: what ``embed`` gave}, beside their saved passages. ``library`` is locked.

    Of engines that are wanted no more, since a change was completed meanwhile, nothing is kept.
    """
    engine = embeddings.configured()
    library.engine = library.engine or engine.id
    wanted = {library.engine, engine.id}
    rows = [
        Vectors(passage=passage, engine=name, vector=vector, sentence_vectors=inner)
        for name, pairs in made.items()
        for passage, (vector, inner) in zip(passages, pairs, strict=True)
        if name in wanted
    ]
    Vectors.objects.bulk_create(rows, batch_size=200, ignore_conflicts=True)
    if engine.id not in made:
        library.settled = False
    Library.objects.filter(pk=library.pk).update(engine=library.engine, settled=library.settled)


def lacking(persona, engine):
    """The persona's passages that should have this engine's vectors and have none."""
    if not is_of_use(engine, persona):
        return Passage.objects.none()
    return Passage.objects.filter(persona=persona).without_vectors(engine.id)


def remove_others(persona, engines):
    """Delete the persona's vectors of all engines but these."""
    others = Vectors.objects.filter(passage__persona=persona).exclude(engine__in=engines)
    while ids := list(others.values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        Vectors.objects.filter(pk__in=ids).delete()


def _embed(passages, engine, threads):
    texts = [f"{passage.heading.rsplit(' › ', 1)[-1]}\n{passage.text}".strip() for passage in passages]
    sentences = [passage.text[start:end] for passage in passages for start, end in passage.sentences]
    made = yielding.run(engine.embed, texts + sentences, threads).astype(np.float16)
    found, place = [], len(passages)
    for passage, vector in zip(passages, made, strict=False):
        last = place + len(passage.sentences)
        found.append((vector.tobytes(), made[place:last].tobytes()))
        place = last
    return found


def _check_width(persona, engine, vector):
    """Raises EmbeddingFailed when the engine's vectors are not as wide as those that other processes had from it."""
    kept = Vectors.objects.filter(passage__persona=persona, engine=engine.id).values_list("vector", flat=True).first()
    if kept is not None and len(kept) != len(vector):
        raise embeddings.EmbeddingFailed(
            _(
                "{id} gives vectors of {width} numbers now; those there are have {known}. "
                "If another model answers there, set EMBEDDING_DIMENSIONS to its width, and everything is embedded anew."
            ).format(id=engine.id, width=len(vector) // 2, known=len(kept) // 2)
        )
