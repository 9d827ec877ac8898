"""Every sentence that code and templates hand to gettext, found by reading them: nothing is run."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

from voice.words import names

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("personas", "knowledge", "voice", "config")
# What each function of gettext takes: context, text, plural, by position.
FORMS = {"gettext": "t", "ngettext": "tp", "pgettext": "ct", "npgettext": "ctp"}
FORMS |= {f"{name}_lazy": form for name, form in FORMS.items()} | {"gettext_noop": "t"}
NOT_OURS = ("migrations", "standin", "callers", "words")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
SENTENCE = re.compile(r"[A-Z]\w*,? .*\w.*[.}]$|an? [\w ()-]{3,20}$")
TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b({'|'.join(FORMS)}|_)\(\s*({TEXT}(?:\s*,\s*{TEXT})*)")


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence to translate, and the files that say it."""

    text: str
    plural: str = ""
    context: str = ""
    places: tuple = ()


def harvest(root=ROOT):
    """Every message by (context, text). Raises ValueError where one text is said with a plural and without."""
    found = {}
    for path, message in _messages(root):
        name = message.context, message.text
        before = found.get(name, Message(message.text, message.plural, message.context))
        if before.plural != message.plural and before.places:
            raise ValueError(f"{path}: {message.text!r} also stands in {before.places[0]}, with another plural")
        places = dict.fromkeys((*before.places, str(path.relative_to(root))))
        found[name] = Message(message.text, message.plural, message.context, tuple(places))
    return found


def _messages(root):
    for path in sorted((root / "templates").rglob("*.html")):
        yield from ((path, message) for message in in_template(path.read_text()))
    for room in ROOMS:
        for path in modules(root / room):
            source = path.read_text()
            yield from ((path, message) for message in in_code(source))
            if "formats" in path.parts:
                yield from ((path, Message(said)) for said in without_gettext(source))
            if "models" in path.parts or path.name == "models.py":
                yield from ((path, Message(name)) for name in names.in_models(source))


def modules(room):
    """The files of a room that speak to people."""
    return [path for path in sorted(room.rglob("*.py")) if not set(NOT_OURS) & set(path.relative_to(room).parts)]


def in_template(source):
    """The messages of a template, by Django's own reading of it."""
    for name, texts in CALL.findall(templatize(source)):
        yield _message(FORMS.get(name, "t"), [ast.literal_eval(text) for text in re.findall(TEXT, texts)])


def in_code(source):
    """The messages of a Python module. Raises ValueError for a text that is only known when it runs."""
    tree = ast.parse(source)
    forms = _forms(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (form := forms.get(ast.unparse(node.func))):
            given = node.args[: len(form)]
            if all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in given):
                yield _message(form, [text.value for text in given])
            elif not isinstance(given[0], ast.Name | ast.Attribute):
                raise ValueError(f"line {node.lineno}: gettext needs the sentence itself, not what makes it")


def without_gettext(source):
    """What the child that reads files says: it knows no Django, and whoever started it translates. Its sentences are the
    texts that end like one, and what it calls the kinds of files."""
    tree = ast.parse(source)
    documented = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, DOCUMENTED)}
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    yield from (text for text in sorted(texts - documented) if SENTENCE.match(text))


def _forms(tree):
    """What the module calls the functions of gettext, with what each takes."""
    imported = (
        alias
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    )
    called = {alias.asname or alias.name: FORMS[alias.name] for alias in imported if alias.name in FORMS}
    return called | {f"translation.{name}": form for name, form in FORMS.items()}


def _message(form, texts):
    fields = {"t": "text", "p": "plural", "c": "context"}
    return Message(**{fields[letter]: text for letter, text in zip(form, texts, strict=False)})
