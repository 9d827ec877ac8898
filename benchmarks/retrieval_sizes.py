"""What runs inside the process that `benchmarks.retrieval` starts: made-up personas of 1,000 to 20,000 passages."""

import time
import uuid

import numpy as np
from django.conf import settings
from django.core.files import File
from django.core.management import call_command
from django.utils import timezone

from benchmarks import figures
from knowledge import answering, embeddings, evaluation, ingestion, retrieval, shelf
from knowledge.models import Document, Library, Passage, Vectors

SIZES = (1_000, 5_000, 20_000)
QUESTIONS = 200
SENTENCES, WORDS = 6, 17  # of a passage; about what SQuAD's paragraphs and our own splitting have
VOCABULARY = 30_000
RANDOM = np.random.default_rng(7)


def measure():
    """Print the tables."""
    call_command("migrate", verbosity=0)
    if not embeddings.status().ready:
        raise SystemExit(embeddings.status().problem)
    _measure_ingestion()
    print(f"\n{'passages':>9}  {'built':>8}  {'opened':>8}  {'on disk':>8}   milliseconds")
    for size in SIZES:
        with evaluation.throw_away({"slug": f"size-{size}", "name": "Size", "language": "en"}) as persona:
            _fill(persona, size)
            _measure_search(persona, size)


def _measure_ingestion():
    """The demo's own documents, file by file, as the worker reads them."""
    plan = {"slug": "demo", "name": "Demo", "language": "en"}
    files = sorted((settings.BASE_DIR / "demo" / "documents").glob("*/*.*"))
    for ending in (".pdf", ".docx", ".html", ".md", ".txt"):
        with evaluation.throw_away(plan) as persona:
            chosen = [path for path in files if path.suffix == ending]
            started = time.perf_counter()
            pages = sum(_ingest(persona, path) for path in chosen)
            seconds, passages = time.perf_counter() - started, persona.passages.count()
            paged = f", {pages / seconds:5.1f} pages/s" if pages else ""
            print(
                f"{ending:6} {len(chosen)} documents, {passages:3} passages: {passages / seconds:5.1f} passages/s{paged}"
            )


def _ingest(persona, path):
    with path.open("rb") as file:
        document = ingestion.receive(persona, file=File(file, name=path.name))
    return ingestion.ingest(document).pages or 0


def _fill(persona, size):
    """Rows as ingestion would leave them, with words spread as in real text and vectors of no meaning."""
    document = Document.objects.create(
        persona=persona, title="Made up", kind="txt", status="ready", sha256=uuid.uuid4().hex, read_at=timezone.now()
    )
    for start in range(0, size, 1_000):
        rows = [_row(persona, document, start + place) for place in range(min(1_000, size - start))]
        Passage.objects.bulk_create(rows)
        Vectors.objects.bulk_create(_embed(row) for row in rows)
    Library.objects.moved(persona.pk)


def _row(persona, document, position):
    sentences = [f"{' '.join(_words(WORDS))}." for _ in range(SENTENCES)]
    spans, place = [], 0
    for sentence in sentences:
        spans.append([place, place + len(sentence)])
        place += len(sentence) + 1
    return Passage(
        document=document, persona=persona, position=position, text=" ".join(sentences), start=0, end=place,
        sentences=spans,
    )  # fmt: skip


def _embed(passage):
    vectors = RANDOM.standard_normal((SENTENCES + 1, embeddings.configured().width), dtype=np.float32)
    whole, *inner = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
    return Vectors(
        passage=passage,
        engine=embeddings.configured().id,
        vector=whole.tobytes(),
        sentence_vectors=np.array(inner).tobytes(),
    )


def _words(count):
    """Made-up words, few of them often and most of them seldom (Zipf), of three to nine letters."""
    return [_spell(int(number)) for number in np.minimum(RANDOM.zipf(1.3, count), VOCABULARY)]


def _spell(number):
    letters = np.random.default_rng(number).integers(97, 123, 3 + number % 7, dtype=np.uint8)
    return letters.tobytes().decode()


def _measure_search(persona, size):
    built = _time(lambda: shelf.find(persona))
    shelf.close()
    opened = _time(lambda: shelf.find(persona))
    megabytes = sum(path.stat().st_size for path in shelf.directory().glob(f"{persona.pk.hex}*.index")) / 2**20
    questions = [" ".join(_words(9)) for _ in range(QUESTIONS)]
    for question in questions[:20]:
        retrieval.search(persona, question)
    searches = [retrieval.search(persona, question).milliseconds for question in questions]
    rows = {
        "search": [times["search"] for times in searches],
        "with embedding": [times["search"] + times["embed"] for times in searches],
        "whole answer": [_time(lambda asked=question: answering.look_up(persona, asked)) for question in questions],
    }
    head = f"{size:9,}  {built:5.0f} ms  {opened:5.1f} ms  {megabytes:5.1f} MB"
    for name, values in rows.items():
        print(f"{head:44} {name:15} {figures.spread(values)}")
        head = ""


def _time(work):
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
