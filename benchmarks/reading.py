"""A long PDF's way in: pages and passages a second, memory of the reading child, and what answers lose meanwhile."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import figures, load, site, toolcalls
from demo import programs
from tests.knowledge import sheets

LENGTHS = (200, 2_000)  # pages
ROUNDS, SECONDS = 8, 2.0
LIMITS = ("1500", "120", "2000")  # megabytes, seconds and pages, as in .env.example


def run():
    """Print the figures."""
    _measure_child()
    with site.running() as open_:
        _measure_ingestion(open_)
        _measure_answers(open_)


def _measure_child():
    """Pages a second and the largest memory of the process that reads."""
    print("\nreading alone, one process")
    peaks = []
    for pages in LENGTHS:
        seconds, peak, characters = _read(sheets.long(pages))
        peaks.append(peak)
        print(
            f"  {pages:5} pages  {pages / seconds:7.1f} pages/s  peak {peak:4.0f} MB  {characters / 1e6:.1f} M characters"
        )
    print(f"  ten times the pages take {peaks[1] - peaks[0]:.0f} MB more")


def _read(data):
    """(seconds, megabytes at the peak, characters read) of the child that ingestion starts."""
    command = [sys.executable, "-m", "knowledge.formats", "long.pdf", *LIMITS]
    started = time.perf_counter()
    child = subprocess.Popen(command, cwd=site.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(data)
        child.stdin.close()
    first = child.stdout.read(1)  # it writes when all is read: nothing grows after that
    seconds, peak = time.perf_counter() - started, _peak_mb(child.pid)
    written = len(first + child.stdout.read())
    child.wait()
    return seconds, peak, written


def _peak_mb(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


# Ingests PDFs of as many pages by turns on one core and on two; prints passages and seconds of each as JSON.
_INGEST = """
import json, os, time, uuid
from django.core.files.base import ContentFile
from knowledge import evaluation, ingestion
from tests.knowledge import sheets
cores = sorted(os.sched_getaffinity(0))
found = {1: [0, 0.0], 2: [0, 0.0]}
plan = {"slug": "long", "name": "Long", "language": "en"}
with evaluation.throw_away(plan) as persona:
    for turn in range(6):
        count = 1 + turn % 2
        os.sched_setaffinity(0, cores[:count])
        file = ContentFile(sheets.long(20 + turn), name=f"long-{turn}.pdf")
        document = ingestion.receive(persona, file=file)
        started = time.perf_counter()
        ingestion.ingest(document, threads=count)
        found[count][1] += time.perf_counter() - started
        found[count][0] += document.passages.count()
print("RESULT" + json.dumps(found))
"""


def _measure_ingestion(open_):
    print("\nthe whole way in: read, split, embedded, kept (turn by turn)")
    found = json.loads(open_.manage(_INGEST))
    for cores, (passages, seconds) in found.items():
        print(f"  {cores} core{'s' * (cores > '1')}  {passages / seconds:6.1f} passages/s")


# Uploads PDFs that keep the worker busy for the length of the measurement.
_UPLOAD = """
from django.core.files.base import ContentFile
from personas.models import Persona
from knowledge import ingestion, tasks
from tests.knowledge import sheets
persona = Persona.objects.create(name="Long", slug="long", language="en")
for number in range(4):
    document = ingestion.receive(persona, file=ContentFile(sheets.long(1000 + number), name=f"long-{number}.pdf"))
    tasks.start_reading(document.pk)
print("RESULT")
"""


def _measure_answers(open_):
    """Tool calls nobody asked before, in short windows: the worker reads in every other one and is held in between."""
    asked = json.loads(open_.manage(toolcalls.PREPARE))
    request = toolcalls.uncached(asked)
    taken = {"alone": [], "while reading": []}
    with _worker(open_) as worker:
        open_.manage(_UPLOAD)
        time.sleep(4)
        for _ in range(ROUNDS):
            for name, order in (("alone", signal.SIGSTOP), ("while reading", signal.SIGCONT)):
                _send(worker.pid, order)
                time.sleep(0.3)
                taken[name] += load.closed_loop(open_.port, request, 1, SECONDS)
    print(f"\nan uncached tool call, milliseconds, {ROUNDS} rounds of {SECONDS:.0f} s in turn")
    for name, values in taken.items():
        print(f"  {name:14} {figures.spread(values)}   {len(values)} calls")
    ratios = [
        figures.percentile(taken["while reading"], s) / figures.percentile(taken["alone"], s) for s in (0.5, 0.95)
    ]
    print(f"  while documents are read: p50 {ratios[0]:.2f} x, p95 {ratios[1]:.2f} x")


@contextlib.contextmanager
def _worker(open_):
    """The task worker as `make run` starts it, without its clock."""
    program = programs.worker()
    command = [str(part) for part in program.command if part != "--beat"]
    command[0] = sys.executable
    quiet = {"cwd": site.ROOT, "env": open_.environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    worker = subprocess.Popen(["nice", "-n", str(program.niceness), *command], **quiet)
    try:
        time.sleep(5)
        yield worker
    finally:
        _send(worker.pid, signal.SIGKILL)
        worker.wait()


def _send(pid, order):
    for one in _family(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, order)


def _family(pid):
    """A process with its children and theirs."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [child for thread in threads for child in (thread / "children").read_text().split()]
    except FileNotFoundError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]
