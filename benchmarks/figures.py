"""How figures are printed: the machine they were taken on, percentiles, ratios."""

import os
import platform
from pathlib import Path


def machine():
    """One line: processor, cores, memory, Python."""
    processor = next(
        (line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ""
    )
    memory = next(
        (int(line.split()[1]) // 1024**2 for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0
    )
    load = f"load {os.getloadavg()[0]:.1f}"
    return f"{processor or platform.machine()}, {os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, {load}"


def percentile(values, share):
    """The value below which that share of them lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def spread(values):
    """'p50 1.23  p95 2.34  p99 3.45' of the values as they are."""
    return "  ".join(f"p{int(share * 100)} {percentile(values, share):8.2f}" for share in (0.5, 0.95, 0.99))


def resident_mb(pid):
    """Megabytes of memory a process holds, pages shared with others counted by share."""
    pss = [int(line.split()[1]) for line in _lines(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:")]
    return sum(pss) / 1024


def _lines(path):
    return Path(path).read_text().splitlines() if Path(path).exists() else []
