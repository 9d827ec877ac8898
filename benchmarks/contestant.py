"""A system in a contest, in a process of its own: builds its index, then answers questions by number, a line of JSON for
each line it is sent. Needs numpy and the system itself, nothing of ours but the stock.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import stock as stocks


@dataclass(frozen=True, slots=True)
class Ready:
    """A system with its index built. Both give the numbers of the ten best passages for a question's number."""

    ask: Callable
    exact: Callable | None = None  # by the same measure, without short cuts; None where there are none


def serve(system, folder, lay=lambda stock: stock):
    """Build, say how long it took and how large it is, then answer until the lines end: [question, …] is timed,
    {"exactly": [question, …]} is not. What ``lay`` does with the stock before is not measured either."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print must not be taken for an answer
    stock, place = stocks.read(folder), Path(folder, "index")
    place.mkdir()
    laid = lay(stock)
    started = time.perf_counter()
    ready = system(laid, place)
    built = time.perf_counter() - started
    size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    print(json.dumps({"built": built, "bytes": size, "megabytes": _find_peak()}), file=answers)
    for line in sys.stdin:
        asked = json.loads(line)
        if isinstance(asked, dict):
            answer = [_numbers(ready.exact(question)) for question in asked["exactly"]] if ready.exact else None
        else:
            answer = [_time(ready.ask, question) for question in asked]
        print(json.dumps(answer), file=answers)


def _find_peak():
    """Megabytes of memory this program has held at most; getrusage would count those of whoever started it too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def _time(ask, question):
    started = time.perf_counter()
    found = ask(question)
    return (time.perf_counter() - started) * 1000, _numbers(found)


def _numbers(found):
    return [int(one) for one in found]
