"""A web page's table to rows that can stand alone."""

from knowledge.formats.blocks import PARAGRAPH, ROW, Block, row, table

MOST_CELLS = 100_000
MOST_SPAN = 200
MOST_HEADERS = 3  # rows of column names on top of each other


def blocks(node):
    """The caption and the rows of a table: named by the header above, or by the header cell that begins each row."""
    caption = node.find("caption")
    if caption is not None:
        yield Block(PARAGRAPH, _text(caption))
    lines = [line for line in _grid(node) if any(text for text, _ in line)]
    headers = 0
    while headers < min(len(lines), MOST_HEADERS) and _is_header(lines[headers]):
        headers += 1
    names = _names(lines[:headers])
    rows = [[text for text, _ in line] for line in lines[headers:]]
    if names and rows:
        yield from (Block(ROW, row(cells, names)) for cells in rows)
    elif rows and all(line[0][1] for line in lines[headers:]):
        yield from (Block(ROW, _pair(cells)) for cells in rows)
    else:
        yield from table(rows or [names])


def _is_header(line):
    return all(is_head for text, is_head in line if text) and sum(bool(text) for text, _ in line) > 1


def _names(lines):
    columns = zip(*[[text for text, _ in line] for line in lines], strict=False)
    return [" ".join(dict.fromkeys(filter(None, names))) for names in columns]


def _pair(cells):
    """ "Price", "25 euros" as "Price: 25 euros."."""
    return row([" ".join(cells[1:])], [cells[0].rstrip(":")]) if any(cells[1:]) else row(cells)


def _grid(node):
    """Lines of (text, whether it is a header cell). A cell over several rows stands in each of them, a header over
    several columns in each, another cell in its first."""
    lines, below, cells = [], {}, 0
    for line in node.find_all("tr"):
        found = []
        for cell in line.find_all(["td", "th"]):
            _fill(found, below)
            one, across = (_text(cell), cell.name == "th"), _span(cell, "colspan")
            for place in range(across):
                shown = one if not place or one[1] else ("", False)
                if _span(cell, "rowspan") > 1:
                    below[len(found)] = [_span(cell, "rowspan") - 1, shown]
                found.append(shown)
        _fill(found, below)
        cells += len(found)
        if cells > MOST_CELLS:
            break
        lines.append(found)
    return lines


def _fill(found, below):
    """Put in what reaches down from the rows above."""
    while below.get(len(found), [0])[0] > 0:
        waiting = below[len(found)]
        waiting[0] -= 1
        found.append(waiting[1])


def _span(cell, name):
    given = cell.get(name) or ""
    return max(1, min(int(given[:6]), MOST_SPAN)) if given.isascii() and given.isdigit() else 1


def _text(cell):
    return " ".join(cell.get_text(" ").split())
