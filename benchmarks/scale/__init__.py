"""`python -m benchmarks scale`: what each piece of work costs, a simulation made of these figures, held against real callers,
and what it says of a thousand and a hundred thousand calls at once.

`prices` and `lines` measure, `queues` simulates stations and queues, `calls` is a call as work for them, `trial` holds the
simulation against real callers, `sizes` draws tables. The prices of a run are kept in a file, so that everything after them can be had again.
"""

import argparse
import json
from pathlib import Path

from benchmarks.scale import lines, prices, sizes, trial

KEPT = Path(__file__).parent / "prices.json"


def run(options):
    """Print it all, or the parts that are named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help="prices, trial, sizes (default: all)")
    parser.add_argument("--keep", action="store_true", help="write the measured prices to benchmarks/scale/prices.json")
    parser.add_argument(
        "--calls", type=int, default=60, help="at once in the real run that the simulation is held against"
    )
    parser.add_argument("--seconds", type=int, default=trial.SECONDS, help="how long the real run lasts")
    told = parser.parse_args(options)
    parts = told.parts or ["prices", "trial", "sizes"]
    known = json.loads(KEPT.read_text()) if KEPT.exists() else None
    if "prices" in parts:
        known = prices.measure() | {"lines": lines.measure()}
        if told.keep:
            KEPT.write_text(json.dumps(known, indent=1) + "\n")
    if "trial" in parts:
        trial.run(known, told.calls, told.seconds)
    if "sizes" in parts:
        sizes.run(known)
