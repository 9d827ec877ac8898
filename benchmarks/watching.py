"""Processes watched over a length of time: memory, processor, open files, and how steep any of it rises."""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import figures
from tests import faults

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a program and its children together."""

    at: float  # seconds since the watch began
    megabytes: float  # pages shared with others counted by share
    seconds: float  # of processor so far
    files: int
    threads: int


class Watch:
    """`with Watch({"web": program, …}) as watch:` looks every few seconds at whatever has a pid, which may be started anew
    meanwhile; None are we ourselves. `extra` are further numbers by name, each a
    function. `samples[name]` are Samples, `numbers[name]` (seconds, value)."""

    def __init__(self, programs, extra=None, every=5.0):
        self.programs, self.extra, self.every = programs, extra or {}, every
        self.samples = {name: [] for name in programs}
        self.numbers = {name: [] for name in self.extra}
        self.busy = []  # (seconds since the watch began, processor seconds all cores have spent on anybody)
        self._over, self._began = threading.Event(), time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_raised):
        self._over.set()
        self._thread.join()
        self._look()

    def _run(self):
        while not self._over.wait(self.every):
            self._look()

    def _look(self):
        at = time.monotonic() - self._began
        self.busy.append((at, busy_seconds()))
        for name, program in self.programs.items():
            self.samples[name].append(look(at, program))
        for name, count in self.extra.items():
            value = count()
            if value is not None:
                self.numbers[name].append((at, value))

    def lines(self, settled):
        """A line for each program, of what came after ``settled`` seconds: memory at the start, in the middle and at the
        end with its slope, its share of one processor, files and threads."""
        for name, samples in self.samples.items():
            kept = [sample for sample in samples if sample.at >= settled] or samples[-2:]
            first, middle, last = kept[0], kept[len(kept) // 2], kept[-1]
            share = (last.seconds - first.seconds) / max(0.1, last.at - first.at)
            rise = slope([(sample.at, sample.megabytes) for sample in kept])
            memory = " → ".join(f"{sample.megabytes:5.0f}" for sample in (first, middle, last))
            files = f"{first.files} → {last.files} files, {first.threads} → {last.threads} threads"
            yield f"  {name:12} {memory} MB  {rise:+8.1f} MB/h   {share:5.0%} of a core   {files}"
        (began, before), *_, (ended, after) = [look for look in self.busy if look[0] >= settled] or self.busy
        yield f"  the machine  {(after - before) / max(0.1, ended - began) / os.cpu_count():.0%} busy, with whatever else it does"
        for name, seen in self.numbers.items():
            kept = [value for at, value in seen if at >= settled] or [value for _, value in seen[-2:]]
            yield f"  {name:12} {kept[0]} → {kept[-1]}, at most {max(kept)}" if kept else f"  {name}: not seen"


def look(at, program):
    """A Sample of a program with all its children, of ourselves without; of one that has ended, nothing but zeros."""
    family = [program.pid, *faults.descendants(program.pid)] if program else [os.getpid()]
    return Sample(
        at,
        sum(_megabytes(one) for one in family),
        sum(_seconds(one) for one in family),
        sum(_count(f"/proc/{one}/fd") for one in family),
        sum(_count(f"/proc/{one}/task") for one in family),
    )


def busy_seconds():
    """What all cores together have spent on anything but idling and waiting for disks (proc(5): /proc/stat)."""
    told = [int(value) for value in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(told[:8]) - told[3] - told[4]) / TICKS


def slope(points):
    """The rise per hour of (seconds, value) points by least squares."""
    middle = sum(at for at, _ in points) / len(points)
    mean = sum(value for _, value in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    return 3600 * sum((at - middle) * (value - mean) for at, value in points) / spread if spread else 0.0


def _megabytes(pid):
    try:
        return figures.resident_mb(pid)
    except OSError:  # it ended while we looked
        return 0.0


def _seconds(pid):
    """Of processor, its own and that of children it has seen the end of (proc(5): utime, stime, cutime, cstime)."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, told[11:15])) / TICKS


def _count(folder):
    try:
        return len(os.listdir(folder))
    except OSError:
        return 0
