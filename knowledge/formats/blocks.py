"""What every format is brought to: headings, paragraphs, list items and table rows, in reading order."""

from dataclasses import dataclass, field

from knowledge.formats.invisible import find_invisible
from knowledge.language.sentences import BULLET
from knowledge.speech import remove_hidden

HEADING, PARAGRAPH, ITEM, ROW = "heading", "paragraph", "item", "row"
END = "end"  # what follows stands no longer under a heading of this level or a deeper one
OUT = "out"  # not part of the text: a comment, a picture's description, what a page does not show
ENDS = (".", "!", "?", "。", "！", "？", "।")
ASKED = ("?", "？", "؟", "՞", ";", "\u037e")  # Greek asks with a semicolon
HEADING_CHARACTERS = 160  # of one heading
PATH_CHARACTERS = 500  # of a path, as the column holds
MOST_CHARACTERS = 10_000_000


class UnreadableDocument(Exception):
    """The file cannot become passages. The message says why and what to do, for the person who uploaded it: a sentence,
    and what is filled into its places, apart, so that it can still be said in another language."""

    def __init__(self, sentence, **places):
        super().__init__(sentence.format(**places) if places else sentence)
        self.sentence, self.places = sentence, places


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    text: str
    level: int = 1  # of a heading: 1 is outermost
    page: int | None = None  # 1-based
    hidden: str = ""  # how a reader is kept from seeing it, in words that complete "It is …"; "" for what is seen


@dataclass(slots=True)
class Hidden:
    """What a reader of the document does not see. It stands in the text, so that a person can let it answer, or was
    left out of it: then it has no place."""

    how: str  # completes "It is …"
    text: str
    start: int | None = None
    end: int | None = None
    page: int | None = None
    ordinary: bool = False  # honest documents hold such things too: worth a word only for what it says


@dataclass(slots=True)
class Reading:
    """A document as text, and where in it things stand."""

    kind: str
    text: str
    sections: list | None = None  # [[start, end, heading path], …]; None: one without a heading
    page_starts: list = field(default_factory=list)
    pages: int | None = None
    title: str = ""
    warning: str = ""  # what was left out
    hidden: list[Hidden] = field(default_factory=list)


def assemble(kind, blocks, pages=None, title="", warning=""):
    """Blocks as one Reading: paragraphs a blank line apart, list items and rows on lines of their own. Headings stand in
    the text but in no section, since they are the section's name."""
    parts, sections, page_starts, path, hidden = [], [], [], [], []
    offset, start, before = 0, 0, None
    for block in blocks:
        hidden += [Hidden(*spotted, page=block.page) for spotted in find_invisible(block.text)]
        text = remove_hidden(block.text).strip()
        if block.kind == END:
            sections.append([start, offset, _path(path)])
            start, path = offset, [(level, name) for level, name in path if level < block.level]
        if not text:
            continue
        if block.kind == OUT:
            hidden.append(Hidden(block.hidden, text, page=block.page, ordinary=True))
            continue
        if block.kind == ITEM and not BULLET.match(text + " "):
            text = f"- {text}"
        gap = "" if before is None else "\n" if block.kind in (ITEM, ROW) and before == block.kind else "\n\n"
        parts += [gap, text]
        begin, offset, before = offset + len(gap), offset + len(gap) + len(text), block.kind
        while block.page is not None and len(page_starts) < block.page:
            page_starts.append(begin if page_starts else 0)
        if block.hidden:
            hidden.append(Hidden(block.hidden, text, begin, offset, block.page))
        if offset > MOST_CHARACTERS:
            raise UnreadableDocument(
                "There is more text in it than one document may hold. Split it into several files."
            )
        if block.kind == HEADING:
            sections.append([start, begin, _path(path)])
            path = [*((level, name) for level, name in path if level < block.level), (block.level, _short(text))]
            start = offset
    sections.append([start, offset, _path(path)])
    text = "".join(parts)
    sections = [section for section in sections if text[section[0] : section[1]].strip()]
    if not sections and text:  # headings alone: then they are what it says
        sections = [[0, len(text), ""]]
    return Reading(kind, text, sections, page_starts, pages, _short(remove_hidden(title)), warning, hidden)


def row(cells, header=()):
    """A table row as a sentence that can stand alone: "Column: cell; column: cell."""
    cells = [" ".join(cell.split()) for cell in cells]
    named = [
        f"{name}: {cell}" if name and name != cell else cell
        for name, cell in zip([*header, *[""] * len(cells)], cells, strict=False)
        if cell
    ]
    said = "; ".join(named)
    return said if said.endswith(ENDS) else f"{said}."


def table(rows):
    """Rows of cells as blocks; the first row names the columns when it has more than one cell."""
    rows = [cells for cells in rows if any(cell.strip() for cell in cells)]
    if len(rows) < 2 or len(rows[0]) < 2:
        return [Block(ROW, row(cells)) for cells in rows]
    header = [" ".join(cell.split()) for cell in rows[0]]
    return [Block(ROW, row(cells, header)) for cells in rows[1:]]


def _path(path):
    names = [name for _, name in path]
    while names and len(" › ".join(names)) > PATH_CHARACTERS:
        names.pop(0)
    return " › ".join(names)


def _short(text):
    text = " ".join(text.split())
    return text if len(text) <= HEADING_CHARACTERS else text[: HEADING_CHARACTERS - 1] + "…"
