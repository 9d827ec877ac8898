"""Retrieval beside its peers: the same passages, vectors and questions, asked in turns on one machine.

    python -m benchmarks peers [--sizes 1000,10000,100000] [--personas 100] [--file QUESTIONS] [--systems ours,…]

Each system has a process of its own and holds one index per persona. The peers' packages go into var/peers, once. A
system that needs more than the time or memory allowed drops out and says so. Nothing else is left behind.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import figures, rivals, stock

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "benchmarks" / "peers-requirements.txt"
SIZES, PERSONAS, QUESTIONS = (1_000, 10_000, 100_000), 100, 300
TURN, WARM = 20, 40  # questions asked of one system before it is the next one's turn; asked before anything counts
HEAD = f"{'system':20} {'passages':>9}   {'p50 ms':>7} {'p95 ms':>7} {'recall@10':>9} {'built s':>8} {'MB disk':>8} {'MB used':>8}"


def run(arguments=()):
    """Print one table per size, and one with quality for a file of questions."""
    options = _parse(arguments)
    python = _prepare(ROOT / "var" / "peers")
    for size in [] if options.file else options.sizes:
        with tempfile.TemporaryDirectory(prefix="advisor-peers-") as folder:
            made = stock.make_up(size, options.personas, QUESTIONS)
            stock.write(made, folder)
            _compete(made, folder, python, options, f"{size:,} passages of {options.personas} personas")
    if options.file:
        with tempfile.TemporaryDirectory(prefix="advisor-peers-") as folder:
            rivals.manage(
                folder, f"from benchmarks import asked; asked.lay({str(Path(options.file).resolve())!r}, {folder!r})"
            )
            _compete(stock.read(folder), folder, python, options, options.file)


def _parse(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks peers")
    parser.add_argument("--sizes", type=lambda given: [int(one) for one in given.split(",")], default=SIZES)
    parser.add_argument("--personas", type=int, default=PERSONAS, help="that the passages are divided among")
    parser.add_argument("--file", help="questions with known answers, as `manage.py evaluate_retrieval` reads them")
    parser.add_argument("--systems", type=lambda given: given.split(","), default=list(rivals.COMMANDS))
    parser.add_argument("--minutes", type=float, default=3, help="that one system may take to build, or to answer 20")
    parser.add_argument("--gigabytes", type=float, default=10, help="of memory that one system may take")
    options = parser.parse_args(arguments)
    if unknown := set(options.systems) - set(rivals.COMMANDS):
        parser.error(f"no system is called {', '.join(sorted(unknown))}; there are {', '.join(rivals.COMMANDS)}")
    return options


def _prepare(folder):
    """The interpreter of the peers' own environment, made anew when what it should hold has changed."""
    python, mark = folder / "bin" / "python", folder / REQUIREMENTS.name
    if not mark.exists() or mark.read_bytes() != REQUIREMENTS.read_bytes():
        print(f"Installing the peers into {folder.relative_to(ROOT)} (about 1.2 GB, once) …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        shutil.copy(REQUIREMENTS, mark)
    return python


def _compete(made, folder, python, options, title):
    print(f"\n{title}, {len(made.questions)} questions in turns of {TURN}; at most {options.minutes:g} min and "
          f"{options.gigabytes:g} GB each\n{HEAD}", flush=True)  # fmt: skip
    running, lost = [], []
    try:
        for name in options.systems:
            lost.append(rivals.Rival(name, folder, python, options))
            if lost[-1].build():
                running.append(lost.pop())
        _ask_in_turns(made, running)
        for rival in running:
            print(_row(rival, made), flush=True)
    finally:
        for rival in running + lost:
            rival.stop()
    for rival in lost + [rival for rival in running if rival.problem]:
        print(f"{rival.name:20} {len(made.texts):9,}   {rival.problem}", flush=True)


def _ask_in_turns(made, running):
    questions = list(range(len(made.questions)))
    for start in range(0, WARM, TURN):
        for rival in running:
            rival.ask(questions[start : start + TURN], counted=False)
    for start in range(0, len(questions), TURN):
        for rival in running:
            rival.ask(questions[start : start + TURN])
    for rival in running:
        rival.compare(questions)


def _row(rival, made):
    p50, p95 = (figures.percentile(rival.milliseconds or [float("nan")], share) for share in (0.5, 0.95))
    recall = "" if rival.exact is None else f"{_recall(rival):.4f}"
    size = f"{rival.bytes / 1e6:8.1f}" if rival.bytes else f"{'memory':>8}"
    row = f"{rival.name:20} {len(made.texts):9,}   {p50:7.3f} {p95:7.3f} {recall:>9} {rival.built:8.1f} {size} {rival.megabytes:8,}"
    known = [place for place, documents in enumerate(made.expected) if documents is not None]
    if known and not rival.problem:
        for first in (1, 5):
            hits = sum(
                not set(_documents(made, rival.found[place])[:first]).isdisjoint(made.expected[place])
                for place in known
            )
            row += f"  hit@{first} {100 * hits / len(known):5.1f} %"
    return row


def _recall(rival):
    """The share of the exact ten that are among the ten found, averaged."""
    shares = [len(set(found) & set(exact)) / len(exact) for found, exact in zip(rival.found, rival.exact, strict=True)]
    return sum(shares) / len(shares)


def _documents(made, passages):
    """The documents of passages, each once, in their order."""
    return list(dict.fromkeys(made.owners[passage] for passage in passages))
