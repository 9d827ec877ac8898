"""Lines to blocks: paragraphs by spacing, indent and length of line, list items, notes, tables over several pages. Pure.

A paragraph may go on in the next column or on the next page; it belongs to the page where it begins.
"""

import re
from dataclasses import dataclass

from knowledge.formats.blocks import HEADING, ITEM, PARAGRAPH, ROW, Block, row
from knowledge.formats.pdf_words import RIGHT_TO_LEFT, SPACELESS, is_right_to_left
from knowledge.language.sentences import BULLET

SPACED = 1.25  # times the usual step: a new paragraph
INDENT = 0.7  # of the size
OTHER_SIZE = 0.12
SMALL = 0.92  # than the text: a note at the foot of the page
SHORT = 0.25  # of the measure: a line that ends so early was ended on purpose
TERMINAL = (".", "!", "?", ":", ";", "。", "！", "？", "؟", "।", "…", '."', ".”", ".)", "。」")
NOTE = re.compile(r"(?:\[\d{1,3}\]|[*†‡§¹²³⁴-⁹]|\d{1,3}\s)")
DASH = re.compile(r"[-–—]\s")
SAME_COLUMN = 4.0  # points


@dataclass(slots=True)
class _Open:
    """What is being gathered."""

    kind: str
    parts: list  # of its text
    page: int
    first: object  # its first Line
    last: object  # its last Line
    at: int  # the page of its last line

    def is_finished(self):
        return self.parts[-1].endswith(TERMINAL)


@dataclass(slots=True)
class _Table:
    columns: list
    header: list | None


class Writer:
    """Blocks from lines, page by page. ``body`` is the size of the text, ``step`` the usual distance of its lines as a
    multiple of their size, ``seam`` says how two lines become one text."""

    def __init__(self, body, step, seam):
        self.body, self.step, self.seam = body, step, seam
        self.open = self.held = self.table = None

    def write(self, pages):
        """Yield the Blocks of ([Line, …], page number) in their order."""
        for lines, number in pages:
            notes = self._notes(lines)
            for place, line in enumerate(lines):
                if line.level:
                    yield from self._close()
                    self.table = None
                    yield Block(HEADING, line.text, line.level, number)
                elif line.cells is not None:
                    yield from self._close()
                    yield from self._row(line, number)
                else:
                    self.table = None
                    yield from self._line(line, number, place in notes)
        yield from self._close()

    def _notes(self, lines):
        """The places of the notes at the foot of the page: small lines below the last one of the text's size, from one
        with a mark onwards."""
        notes = set()
        for region in {line.region for line in lines}:
            places = [place for place, line in enumerate(lines) if line.region == region and not line.level]
            tail = []
            while places and lines[places[-1]].size <= SMALL * self.body and lines[places[-1]].cells is None:
                tail.insert(0, places.pop())
            while tail and not NOTE.match(lines[tail[0]].text):
                tail.pop(0)
            notes.update(tail)
        return notes

    def _line(self, line, number, is_note):
        if self.open is not None and self._continues(self.open, line, number):
            self._add(line, number)
            return
        if is_note and self.open is not None and not self._is_note(self.open) and not self.open.is_finished():
            self.held, self.open = self.open, None  # it may go on behind the notes
        elif not is_note and self.held is not None:
            yield from self._close(held=False)
            self.open, self.held = self.held, None
            if self._continues(self.open, line, number):
                self._add(line, number)
                return
        yield from self._close(held=not is_note)
        item = bool(BULLET.match(line.text + " "))
        self.open = _Open(ITEM if item else PARAGRAPH, [line.text], number, line, line, number)

    def _is_note(self, open_):
        return open_.first.size <= SMALL * self.body

    def _close(self, held=True):
        """The blocks that are finished."""
        for name in ("open", "held") if held else ("open",):
            done = getattr(self, name)
            if done is not None:
                yield Block(done.kind, "".join(done.parts), page=done.page)
                setattr(self, name, None)

    def _add(self, line, number):
        open_ = self.open
        last = open_.last
        beside = number == open_.at and line.region == last.region
        if beside and (line.loose or self._was_ended(last, line) and not _is_lower(line)):
            open_.parts.append(f"\n{line.text}")
        else:
            kept, between = self.seam(open_.parts[-1], line.text)
            open_.parts[-1] = open_.parts[-1][:kept]
            open_.parts.append(between + line.text)
        open_.last, open_.at = line, number

    def _continues(self, open_, line, number):
        last = open_.last
        if abs(line.size - last.size) > OTHER_SIZE * last.size or line.aside != last.aside or _begins_item(last, line):
            return False
        if number == open_.at and line.region == last.region:
            return self._goes_on_below(open_, line)
        return _goes_on_elsewhere(open_, line)

    def _goes_on_below(self, open_, line):
        last = open_.last
        if last.y - line.y > SPACED * self.step * line.size or line.y > last.y + line.size:
            return False
        ended = last.text.endswith(TERMINAL)
        if open_.kind == ITEM:
            return line.x0 > open_.first.x0 + 2 or not _has_room(last, line)
        if ended and (_has_room(last, line) or line.x0 - last.x0 > INDENT * line.size):
            return False
        outdented = last.x0 - line.x0 > INDENT * line.size
        if outdented and open_.first is not last and (ended or _has_room(last, line)):
            return False
        return last.bold == line.bold or not _has_room(last, line)

    def _was_ended(self, last, line):
        measure = line.right - line.left
        return _has_room(last, line) and last.right - last.x1 > SHORT * measure

    def _row(self, line, number):
        table = self.table
        if table is None or not _is_same_table(table, line):
            self.table = _Table(line.columns, line.cells if line.heads else None)
            if line.heads:
                return
        elif table.header == line.cells:
            return
        header = self.table.header
        if header is None and len(line.cells) == 2 and all(line.cells):
            name, cell = line.cells
            yield Block(ROW, row([f"{name} {cell}"]) if name.endswith(TERMINAL) else row([cell], [name]), page=number)
        else:
            yield Block(ROW, row(line.cells, header or ()), page=number)


def steps_of(lines):
    """The distances between lines that go on, as multiples of their size."""
    for upper, lower in zip(lines, lines[1:], strict=False):
        if (
            upper.region == lower.region
            and upper.size == lower.size
            and upper.cells is None
            and not _has_room(upper, lower)
        ):
            yield round((upper.y - lower.y) / (lower.size or 1), 1)


def usual_step(steps):
    """The distance of lines in a paragraph, as a multiple of their size, from a Counter of all distances."""
    usual = [(count, -step) for step, count in steps.items() if 0.9 <= step <= 2.4]
    return -max(usual)[1] if usual else 1.3


def _is_same_table(table, line):
    return len(table.columns) == len(line.columns) and all(
        abs(before - now) <= SAME_COLUMN for before, now in zip(table.columns, line.columns, strict=True)
    )


def _begins_item(last, line):
    if not BULLET.match(line.text + " "):
        return False
    mid_sentence = DASH.match(line.text) and not last.text.endswith(TERMINAL) and not BULLET.match(last.text + " ")
    return not (mid_sentence and not _has_room(last, line) and abs(line.x0 - last.x0) < 2)


def _goes_on_elsewhere(open_, line):
    """In the next column or on the next page: nothing was ended, and what comes begins nothing."""
    last = open_.last
    if open_.is_finished() or last.bold != line.bold:
        return False
    return (
        _is_lower(line)
        or not line.text[:1].isupper()
        and not last.text[-1:].isupper()
        and not _has_room(last, line)
        or (last.x1 - last.left > 0.6 * (last.right - last.left) and not _has_room(last, line))
    )


def _has_room(last, line):
    """Whether the next line's first word would have fitted on the last one: then that was ended on purpose."""
    if not line.text:
        return True
    each = (line.x1 - line.x0) / len(line.text)
    first = 1 if SPACELESS.match(line.text) else len(line.text.split(maxsplit=1)[0])
    rest = last.right - last.x1
    if rest < line.size and RIGHT_TO_LEFT.search(last.text) and is_right_to_left(last.text):
        rest = last.x0 - last.left
    return rest > (first + 1) * each + 0.6 * line.size


def _is_lower(line):
    return line.text[:1].islower()
