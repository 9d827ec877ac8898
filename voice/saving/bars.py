"""How far it is, for whoever sits before it; nothing where nobody does."""

import sys

from tqdm import tqdm


def count(total, what, unit):
    """A bar over so many things."""
    return tqdm(total=total, desc=what, unit=unit, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False)


def weigh(total, what):
    """A bar over so many bytes; None where nobody knows how many."""
    return tqdm(
        total=total,
        desc=what,
        unit="B",
        unit_scale=True,
        unit_divisor=1024,
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
        leave=False,
    )
