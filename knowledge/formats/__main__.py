"""The child that reads one file: limits itself, reads standard input, writes a Reading to standard output.

    python -m knowledge.formats KIND_BY_NAME MEMORY_MB SECONDS PAGES < file

The answer is msgpack: {"reading": …} or {"refused": sentence, "places": {…}}. A parser that is led astray dies here, not in the worker.
"""

import importlib
import os
import resource
import sys

import msgspec

from knowledge.formats import kinds
from knowledge.formats.blocks import UnreadableDocument

MODULES = {
    "pdf": "pdf", "docx": "docx", "html": "html", "epub": "epub", "md": "markdown", "txt": "plain",
    "csv": "csv", "xlsx": "xlsx",
}  # fmt: skip
NO_ROOM = "Reading this file takes more memory than one document may use. Split it into several files."


def limit(memory_mb, seconds):
    """What this process may use from now on; and whoever answers questions goes first."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * 1024 * 1024,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    os.nice(5)


def read(data, file_name, most_pages):
    """The Reading of a file's bytes. Raises UnreadableDocument."""
    kind = kinds.tell(data, file_name)
    module = importlib.import_module(f"knowledge.formats.{MODULES[kind]}")
    return module.read(data, most_pages) if kind == "pdf" else module.read(data)


def main(file_name, memory_mb, seconds, most_pages):
    limit(int(memory_mb), int(seconds))
    try:
        found = {"reading": read(sys.stdin.buffer.read(), file_name, int(most_pages))}
    except UnreadableDocument as refusal:
        found = {"refused": refusal.sentence, "places": refusal.places}
    except (MemoryError, RecursionError):
        found = {"refused": NO_ROOM}
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
