"""The guide says what the page says, and every trap in its table has a test."""

import re

import pytest

from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "VOICE_CHAT_GUIDE.md").read_text()
SENTENCES = dict(
    re.findall(
        r'<p data-name="([\w-]+)">\{% (?:translate "|blocktranslate [^%]*%\})(.*?)(?:" %\}|\{% endblocktranslate)',
        (ROOT / "templates" / "voice" / "_sentences.html").read_text(),
    )
)
STATUS = {"microphone-absent", "microphone-hears", "microphone-muted"}  # of the settings, while all is well
OTHERS = {"browser-unfit", "page-broken", "hint-taken", "hint-silent", "hint-held-back", "hint-weak"}
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GUIDE.split("## Every trap")[1].splitlines()
    if line.startswith("| ") and "::" in line
]


def failures():
    """The sentences with which a call does not begin, or ends, or may soon."""
    named = {name for name in SENTENCES if re.match("start-|end-|microphone-", name)}
    return sorted(named - STATUS | OTHERS)


def known():
    """Every browser test, as `module::name`."""
    return {
        f"{file.stem}::{name}"
        for file in (ROOT / "tests" / "browser").glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.M)
    }


@pytest.mark.parametrize("name", failures())
def test_what_the_page_says_of_a_failure_stands_in_the_guide(name):
    words = re.sub(r"\s+", " ", GUIDE)
    assert SENTENCES[name].replace("{{ name }}", "{name}") in words


@pytest.mark.parametrize("name", failures())
def test_every_failure_that_the_page_names_has_its_row(name):
    assert any(f"`{name}`" in says for _, says, _, _ in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[what for what, *_ in ROWS])
def test_a_row_names_a_sentence_of_the_page_its_bound_and_tests_that_exist(row):
    _, says, within, by = row
    names = re.findall(r"`([\w-]+)`", says)
    assert all(name in SENTENCES for name in names)
    assert not names or 0 < float(within) <= 60
    cited = set(re.findall(r"`(test_\w+::test_\w+)`", by))
    assert cited and cited <= known()
