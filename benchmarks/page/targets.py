"""What a figure may be at most, and how figures with a target are printed."""

from dataclasses import dataclass

from benchmarks import figures


@dataclass(frozen=True, slots=True)
class Target:
    """A row of a table: what is measured, in which unit, and what its median may be (None: no promise)."""

    title: str
    most: float | None = None
    unit: str = "ms"
    digits: int = 0


def show(target, values):
    """Print the row. Gives its title when the target was missed, otherwise nothing."""
    middle, late = (figures.percentile(values, share) for share in (0.5, 0.95))
    missed = target.most is not None and middle > target.most
    told = f"  {target.title:44} p50 {middle:8.{target.digits}f}  p95 {late:8.{target.digits}f} {target.unit:3}"
    if target.most is not None:
        told += f"  at most {target.most:g}{'   MISSED' if missed else ''}"
    print(told.rstrip())
    return [target.title] if missed else []
