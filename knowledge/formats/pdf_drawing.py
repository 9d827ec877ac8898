"""What is drawn on a page besides text: rules of tables, and grounds that text may stand on."""

import ctypes

import pypdfium2.raw as pdfium

MOST_OBJECTS, MOST_RULES, MOST_SEGMENTS = 5_000, 1_000, 400
NEARLY_WHITE = 0xFC  # of 255, in red, green and blue
THIN, LONG = 2.5, 6.0  # points: a rule is no thicker and no shorter


def read_drawing(page):
    """What is drawn besides text: ([(x0, y0, x1, y1), …] of level and upright lines, thin boxes and edges of boxes,
    [(x0, y0, x1, y1, whether it may be dark), …] of everything, or None where that is too much to look at)."""
    rules, grounds = [], []
    count = pdfium.FPDFPage_CountObjects(page)
    for index in range(min(count, MOST_OBJECTS)):
        drawn = pdfium.FPDFPage_GetObject(page, index)
        kind = pdfium.FPDFPageObj_GetType(drawn)
        box = None if kind == pdfium.FPDF_PAGEOBJ_TEXT else _bounds(drawn)
        if box is None:
            continue
        grounds.append((*box, kind != pdfium.FPDF_PAGEOBJ_PATH or _is_dark(drawn)))
        if kind == pdfium.FPDF_PAGEOBJ_PATH and len(rules) < MOST_RULES:
            rules += [rule for rule in _rules(drawn, *box) if max(rule[2] - rule[0], rule[3] - rule[1]) >= LONG]
    return rules, grounds if count <= MOST_OBJECTS else None


def read_paper(page):
    """(x0, y0, x1, y1) of what is shown of the page."""
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    return box.left, box.bottom, box.right, box.top


def _bounds(drawn):
    sides = [ctypes.c_float() for _ in range(4)]
    return tuple(side.value for side in sides) if pdfium.FPDFPageObj_GetBounds(drawn, *sides) else None


def _is_dark(path):
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPath_GetDrawMode(path, mode, stroke)
    return bool(mode.value) and not (pdfium.FPDFPageObj_GetFillColor(path, *colour) and is_white(colour))


def _rules(drawn, left, bottom, right, top):
    """A path that is thin is a rule; of any other, its straight parts are."""
    if min(right - left, top - bottom) <= THIN:
        yield left, bottom, right, top
        return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(drawn, matrix)
    before = begun = None
    for index in range(min(pdfium.FPDFPath_CountSegments(drawn), MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            begun = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and before is not None:
            yield from _straight(before, point)
        before = point
        if pdfium.FPDFPathSegment_GetClose(segment) and begun is not None:
            yield from _straight(before, begun)


def _straight(start, end):
    if abs(start[0] - end[0]) <= 0.5 or abs(start[1] - end[1]) <= 0.5:
        yield min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])


def is_white(colour):
    """Whether a colour, as four c_uint of red, green, blue and cover, is that of the paper."""
    return all(part.value >= NEARLY_WHITE for part in colour[:3])
