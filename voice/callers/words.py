"""Texts compared as people compare them: by their words, not their signs."""

import re


def split(text):
    """The words of a text, small, without punctuation."""
    return re.findall(r"[^\W_]+(?:['’.,:-][^\W_]+)*", text.casefold())


def holds(text, phrase):
    """Whether these words stand in the text, in this order, side by side."""
    return f" {' '.join(split(phrase))} " in f" {' '.join(split(text))} "
