"""What a Word document's styles say of a paragraph: a heading, an item of a list, a line of the table of contents."""

import re
from dataclasses import dataclass

from docx.oxml.ns import qn

# Word itself writes the English names whatever language it speaks; other programs write their own.
LEVEL = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|titulo|kop|rubrik|overskrift|otsikko|nagłówek|nadpis|címsor|titlu|encabezado"
    r"|cabeçalho|intestazione|заголовок|επικεφαλίδα|başlık|標題|标题|見出し|제목|عنوان|כותרת)\s*(\d)",
    re.I,
)
CONTENTS = re.compile(
    r"(?:toc|table of figures|contents|verzeichnis|inhaltsverzeichnis|tm|índice|sommario|оглавление)\s*\d*$", re.I
)
LIST = re.compile(r"list\b|listen|liste\b|lista\b", re.I)
DEEPEST = 12  # of styles based on one another


@dataclass(frozen=True, slots=True)
class Style:
    level: int | None = None  # of a heading
    is_item: bool = False
    is_contents: bool = False
    numbering: object = None  # the w:numPr that comes with it


class Styles:
    """Every paragraph style, judged once; paragraphs may overrule it."""

    def __init__(self, document):
        styles = {style.get(qn("w:styleId")): style for style in document.styles.element.iter(qn("w:style"))}
        self._known = {name: _judge(style, styles) for name, style in styles.items()}
        default = next((name for name, style in styles.items() if style.get(qn("w:default")) == "1" and style.get(qn("w:type")) == "paragraph"), None)  # fmt: skip
        self._default = self._known.get(default, Style())

    def of(self, paragraph):
        said = paragraph.find(qn("w:pPr"))
        if said is None:
            return self._default
        named = said.find(qn("w:pStyle"))
        style = self._default if named is None else self._known.get(named.get(qn("w:val")), self._default)
        level = _outline(said)
        return (
            style if level is None or style.level else Style(level, style.is_item, style.is_contents, style.numbering)
        )


def _judge(style, styles):
    level, is_item, is_contents, numbering = None, False, False, None
    for _ in range(DEEPEST):
        if style is None:
            break
        name = style.find(qn("w:name"))
        name = name.get(qn("w:val"), "") if name is not None else ""
        said = style.find(qn("w:pPr"))
        named = LEVEL.match(name)
        if level is None:
            level = 1 if name.lower() == "title" else int(named.group(1)) if named else _outline(said)
        if numbering is None and said is not None:
            numbering = said.find(qn("w:numPr"))
        is_item, is_contents = is_item or bool(LIST.match(name)), is_contents or bool(CONTENTS.match(name))
        base = style.find(qn("w:basedOn"))
        style = styles.get(base.get(qn("w:val"))) if base is not None else None
    return Style(level, is_item, is_contents, numbering)


def _outline(said):
    """A heading level from 1 to 9 that paragraph properties name, or None. Word counts from 0; 9 is body text."""
    outline = None if said is None else said.find(qn("w:outlineLvl"))
    given = "" if outline is None else outline.get(qn("w:val"), "")
    return int(given) + 1 if given in tuple("012345678") else None
