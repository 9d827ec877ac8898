"""Plots that every mail client shows: PNG, since hardly one draws SVG. Numbers alone stand in them; what they are of stands
beside them as text."""

import io

from PIL import Image, ImageDraw, ImageFont

from voice.figures.drawing import ceiling
from voice.figures.showing import number

WIDTH, HEIGHT = 560, 170  # as shown; drawn at twice that, for dense screens
DENSE = 2
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 22, 24
PAPER, INK, QUIET, GRID, BAR, LAST = "#ffffff", "#1d2a30", "#5b6870", "#d9dfe2", "#8fb8b4", "#0b6b62"


def bars(labels, values):
    """A PNG with one bar for each value (None: none), each with its number above; the last one is the darkest."""
    image = Image.new("RGB", (WIDTH * DENSE, HEIGHT * DENSE), PAPER)
    pen = ImageDraw.Draw(image)
    top = ceiling(max((value for value in values if value is not None), default=0))
    for part in (0, 0.5, 1):
        _grid(pen, top * part, _y(top * part, top))
    step = (WIDTH - LEFT - RIGHT) / max(1, len(values))
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        middle = LEFT + step * (place + 0.5)
        _write(pen, middle, HEIGHT - BOTTOM + 5, label, "ma")
        if value is not None:
            _bar(pen, middle, step * 0.6, _y(value, top), LAST if place == len(values) - 1 else BAR)
            _write(pen, middle, _y(value, top) - 4, number(value), "ms", INK)
    kept = io.BytesIO()
    image.quantize(32).save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _grid(pen, value, y):
    pen.line([(LEFT * DENSE, y * DENSE), ((WIDTH - RIGHT) * DENSE, y * DENSE)], fill=GRID, width=DENSE)
    _write(pen, LEFT - 6, y, number(value, 1 if value and value < 1 else 0), "rm")


def _bar(pen, middle, width, y, colour):
    box = [(middle - width / 2) * DENSE, y * DENSE, (middle + width / 2) * DENSE, (HEIGHT - BOTTOM) * DENSE]
    pen.rectangle(box, fill=colour)


def _write(pen, x, y, words, anchor, colour=QUIET):
    pen.text((x * DENSE, y * DENSE), words, fill=colour, anchor=anchor, font=ImageFont.load_default(13 * DENSE))


def _y(value, top):
    return TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM)
