"""One scale for space, type and colour: the style sheets take every such value from the custom properties of base.css."""

import re

import pytest
from django.conf import settings

STATIC = settings.BASE_DIR / "static"
BASE = STATIC / "base.css"
SHEETS = [BASE, *sorted((STATIC / "voice").rglob("*.css"))]
SPACE = re.compile(r"(?<!scroll-)\b(?:padding|margin|gap)(?:-[a-z]+)*|border(?:-[a-z]+)*-radius")
TYPE = re.compile(r"font(?:-size)?")
DECLARATION = re.compile(r"([a-z-]+):\s*([^;{}]+);")
LENGTH = re.compile(r"\d(?:rem|px|em|ch|vw|vh)\b")
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)\(|\b(?:white|black|red|gray|grey)\b", re.I)


def declarations(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
    return [(name, value) for name, value in DECLARATION.findall(text) if not name.startswith("--")]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_space_and_size_of_type_stands_on_the_scale(sheet):
    strays = [
        f"{name}: {value}"
        for name, value in declarations(sheet)
        if (SPACE.fullmatch(name) or TYPE.fullmatch(name)) and LENGTH.search(value)
    ]
    assert not strays, f"{sheet.name} leaves the scale of base.css (--space-*, --text-*, --round*): {strays}"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_colour_is_one_of_the_palette(sheet):
    if sheet.name == "faces.css":  # drawings have colours of their own
        return
    strays = [f"{name}: {value}" for name, value in declarations(sheet) if COLOUR.search(value)]
    assert not strays, f"{sheet.name} has colours that base.css does not name: {strays}"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_nothing_is_placed_by_left_and_right(sheet):
    sides = re.compile(r"(?:margin|padding|border)-(?:left|right).*|left|right")
    # A place that the script has measured is one of the screen, not of the line of text.
    strays = [name for name, value in declarations(sheet) if sides.fullmatch(name) and not value.startswith("var(--")]
    assert not strays, f"{sheet.name} would not turn over for a right-to-left language: {strays}"
