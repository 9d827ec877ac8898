"""Excel workbooks: the sheets that can be seen, as questions with answers or as tables."""

import datetime
import io

import python_calamine as calamine

from knowledge.formats import faq
from knowledge.formats.archives import DAMAGED, check_archive
from knowledge.formats.blocks import HEADING, Block, UnreadableDocument, assemble


def read(data):
    """Bytes of an .xlsx file as a Reading. Of a formula its last result is read. Raises UnreadableDocument."""
    check_archive(data)
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        sheets = [(sheet.name, _texts(book.get_sheet_by_name(sheet.name))) for sheet in _visible(book)]
    except calamine.PasswordError as locked:
        raise UnreadableDocument(
            "The workbook is protected by a password. Save a copy without one and upload that."
        ) from locked
    except (calamine.CalamineError, OSError, ValueError) as problem:
        raise UnreadableDocument(DAMAGED) from problem
    return assemble("xlsx", list(_blocks(sheets)))


def _visible(book):
    wanted = (calamine.SheetVisibleEnum.Visible, calamine.SheetTypeEnum.WorkSheet)
    return [sheet for sheet in book.sheets_metadata if (sheet.visible, sheet.typ) == wanted]


def _blocks(sheets):
    """A sheet's name is a heading where there are several."""
    sheets = [(name, rows) for name, rows in sheets if any(any(cells) for cells in rows)]
    for name, rows in sheets:
        if len(sheets) > 1:
            yield Block(HEADING, name)
        yield from faq.blocks(rows, level=min(len(sheets), 2))


def _texts(sheet):
    return [[_text(cell) for cell in cells] for cells in sheet.iter_rows()]


def _text(cell):
    """A cell as a person would write it: 25, not 25.0; 2026-05-01 without midnight."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return format(cell, ".12g") if abs(cell) < 1e15 else str(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat() if cell.time() == datetime.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, datetime.time):
        return cell.isoformat("minutes")
    return str(cell)
