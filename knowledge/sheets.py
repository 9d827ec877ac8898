"""Tables as CSV: what staff take away to a spreadsheet and bring back.

A cell that a spreadsheet would take for a formula goes out with an apostrophe before it, and comes back without
(OWASP, "CSV Injection"). Several texts in one cell stand between bars; a bar or backslash of their own has a backslash
before it.
"""

import csv
import io
import re

from django.utils.translation import gettext

from knowledge.speech import remove_hidden

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5000
PIECE = re.compile(r"((?:\\.|[^|\\]|\\$)*)(\||$)", re.DOTALL)


class BadSheet(Exception):
    """It cannot be taken in. ``problems`` are sentences that name row and column; nothing was kept."""

    def __init__(self, *problems):
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def write(columns, rows):
    """A CSV with a heading line, as text that spreadsheets take for Unicode (it begins with a byte order mark)."""
    output = io.StringIO()
    output.write("\ufeff")
    table = csv.writer(output)
    table.writerow(columns)
    table.writerows([[_harmless(cell) for cell in row] for row in rows])
    return output.getvalue()


def read(data, columns, needed):
    """[(row number as a spreadsheet counts, {column: text}), …] of a CSV's bytes; commas or semicolons. Columns may stand
    in any order. Raises BadSheet."""
    if len(data) > MOST_BYTES:
        raise BadSheet(gettext("The file is larger than {most} MB. Divide it.").format(most=MOST_BYTES // 1024 // 1024))
    text = _decode(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        heading = [cell.strip().strip("'").casefold() for cell in next(lines, [])]
        _check_heading(heading, columns, needed)
        return [
            (number, _cells(heading, row, number)) for number, row in enumerate(_limited(lines), 2) if any(map(str.strip, row))
        ]  # fmt: skip
    except csv.Error as problem:
        raise BadSheet(
            gettext("Line {line_num} is not CSV: {problem}. Save it as CSV again.").format(
                line_num=lines.line_num, problem=problem
            )
        ) from problem


def join(texts):
    """Several texts for one cell."""
    return "|".join(text.replace("\\", r"\\").replace("|", r"\|") for text in texts)


def split(cell):
    """The texts in one cell, without empty ones."""
    pieces = [re.sub(r"\\(.)", r"\1", piece, flags=re.DOTALL).strip() for piece, _ in PIECE.findall(cell)]
    return [piece for piece in pieces if piece]


def _harmless(cell):
    text = "" if cell is None else str(cell)
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA) else text


def _decode(data):
    try:
        return remove_hidden(data.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise BadSheet(
            gettext("Line {line} is not UTF-8. Save the file as “CSV UTF-8” and try again.").format(line=line)
        ) from problem


def _delimiter(text):
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _check_heading(heading, columns, needed):
    missing = [column for column in needed if column not in heading]
    strange = [column for column in heading if column and column not in columns]
    expected = gettext("The first line must name the columns: {columns}.").format(columns=", ".join(columns))
    if missing:
        raise BadSheet(
            gettext("There is no column “{missing}”. {expected}").format(missing=missing[0], expected=expected)
        )
    if strange:
        raise BadSheet(
            gettext("The column “{strange}” is not known. {expected}").format(strange=strange[0], expected=expected)
        )
    named = [column for column in heading if column]
    if len(set(named)) < len(named):
        raise BadSheet(gettext("A column stands there twice. {expected}").format(expected=expected))


def _limited(lines):
    for number, row in enumerate(lines):
        if number >= MOST_ROWS:
            raise BadSheet(
                gettext("There are more than {most_rows} rows. Divide the file.").format(most_rows=MOST_ROWS)
            )
        yield row


def _cells(heading, row, number):
    if any(cell.strip() for cell in row[len(heading) :]):
        raise BadSheet(
            gettext("Row {number} has more cells than there are columns. Put texts with commas into quotes.").format(
                number=number
            )
        )
    padded = [*row, *[""] * (len(heading) - len(row))]
    return {name: _as_meant(cell.strip()) for name, cell in zip(heading, padded, strict=False)}


def _as_meant(cell):
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
