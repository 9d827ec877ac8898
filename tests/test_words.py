"""Every sentence that people read goes through gettext, and every language can say it."""

import polib
import pytest

from tests.conftest import ROOT
from voice.words import catalogue, checking
from voice.words.harvest import Message, harvest, in_code, in_template


@pytest.mark.parametrize("language", catalogue.languages())
def test_every_sentence_can_be_said_in_every_language(language):
    complaints = list(checking.complaints(language, harvest()))
    assert complaints == [], "run `python -m voice.words`, then translate what is missing in locale/"


@pytest.mark.parametrize("language", catalogue.languages())
def test_the_file_of_a_language_is_in_order(language):
    """Sorted, and each sentence once: what two branches add then stands apart, and git keeps both."""
    names = [catalogue.key(entry) for entry in catalogue.read(language)]
    assert names == sorted(set(names)), "run `python -m voice.words`"


@pytest.fixture
def german(tmp_path, monkeypatch):
    """A folder of translations of its own, with these entries for German."""
    monkeypatch.setattr(catalogue, "SOURCE", tmp_path)

    def write(*entries):
        file = polib.POFile()
        file.metadata = {"Content-Type": "text/plain; charset=utf-8"}
        file.extend(entries)
        (tmp_path / "de" / "LC_MESSAGES").mkdir(parents=True)
        file.save(str(catalogue.path("de", tmp_path)))

    return write


def complaints(*messages):
    return list(checking.complaints("de", {(message.context, message.text): message for message in messages}))


@pytest.mark.parametrize(
    ("text", "german_text"),
    [
        ("{count} sources", "{anzahl} Quellen"),
        ("{count} sources", "Quellen"),
        ("%(name)s ended the call", "Der Anruf ist zu Ende"),
        ("%s of %s", "%s von 5"),
        ("{a} and {a}", "{a}"),
        ("Answered: ", "Beantwortet:"),
    ],
)
def test_a_translation_keeps_the_places_and_the_edges_of_its_sentence(german, text, german_text):
    german(polib.POEntry(msgid=text, msgstr=german_text))
    assert len(complaints(Message(text))) == 1


def test_a_translation_may_move_places_and_use_signs_that_are_none(german):
    german(polib.POEntry(msgid="{a} of {b}: 95 % sure", msgstr="Von {b} {a}: zu 95 % sicher"))
    assert complaints(Message("{a} of {b}: 95 % sure")) == []


def test_a_sentence_without_a_translation_is_named_with_the_file_that_says_it(german):
    german(polib.POEntry(msgid="Yes", msgstr=""))
    assert complaints(Message("Yes", places=("a.html",))) == ["not translated: 'Yes' (a.html)"]
    assert complaints(Message("No", places=("b.html",)))[0] == "not in the file: 'No' (b.html)"


def test_a_guess_and_a_plural_with_one_form_are_no_translation(german):
    german(
        polib.POEntry(msgid="Yes", msgstr="Ja", flags=["fuzzy"]),
        polib.POEntry(msgid="one", msgid_plural="many", msgstr_plural={0: "eins", 1: ""}),
    )
    assert len(complaints(Message("Yes"), Message("one", plural="many"))) == 2


def test_a_translation_of_nothing_is_named(german):
    german(polib.POEntry(msgid="Gone", msgstr="Weg"))
    assert complaints() == ["said nowhere any more: 'Gone'"]


def test_merging_keeps_translations_adds_what_is_new_and_drops_what_is_gone(german):
    german(
        polib.POEntry(msgid="Stays", msgstr="Bleibt"),
        polib.POEntry(msgid="Gone", msgstr="Weg"),
        polib.POEntry(msgid="Stays", msgstr=""),  # as git leaves it when two branches add the same sentence
    )
    messages = {("", "Stays"): Message("Stays"), ("", "New"): Message("New")}
    assert catalogue.merge("de", messages) == (1, 1)
    assert [(entry.msgid, entry.msgstr) for entry in catalogue.read("de")] == [("New", ""), ("Stays", "Bleibt")]


IMPORTS = "from django.utils.translation import gettext, gettext_lazy as _, ngettext, pgettext_lazy as p\n"


def test_code_is_read_for_all_forms_of_gettext_under_whatever_names_it_imports_them():
    source = """
gettext("a"), _("b" "c"), ngettext("{n} e", "{n} es", n), p("month", "May"), translation.gettext("f"), t("not gettext")
"""
    assert {(found.context, found.text, found.plural) for found in in_code(IMPORTS + source)} == {
        ("", "a", ""), ("", "bc", ""), ("", "{n} e", "{n} es"), ("month", "May", ""), ("", "f", ""),
    }  # fmt: skip


def test_a_sentence_that_is_made_while_running_is_refused():
    with pytest.raises(ValueError, match="line 2"):
        list(in_code(IMPORTS + 'gettext(f"{count} sources")'))


def test_templates_are_read_as_django_reads_them():
    source = (
        '{% translate "a" %}{% blocktranslate with n=x.y %}b {{ n }}{% endblocktranslate %}{% include "x" with y=_("c") %}'
        "{% blocktranslate count n=1 %}{{ n }} d{% plural %}{{ n }} ds{% endblocktranslate %}{# translate #}"
    )
    found = {(message.text, message.plural) for message in in_template(source)}
    assert found == {("a", ""), ("b %(n)s", ""), ("c", ""), ("%(n)s d", "%(n)s ds")}


def test_no_compiled_translation_is_committed():
    assert [str(path) for path in (ROOT / "locale").rglob("*.mo")] == []
