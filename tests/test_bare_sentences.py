"""No sentence that people read slips past gettext: templates and modules are looked through for bare ones.

A heuristic: in templates any word outside a tag, a variable and a translation; in modules any text that begins like a
sentence and ends like one. Who speaks to machines, to developers or to a model is named below, with the reason.
"""

import ast
import re

import pytest

from tests.conftest import ROOT
from voice.words import harvest

# Modules whose sentences are not for gettext, and why.
EXEMPT = {
    "knowledge/formats": "knows no Django; its sentences are harvested without gettext",
    "knowledge/checks.py": "system checks speak to whoever installs",
    "voice/checks.py": "system checks speak to whoever installs",
    "voice/contract": "describes the doors to engineers",
    "voice/exposition.py": "explains figures to Prometheus",
    "voice/health.py": "/readyz speaks to machines",
    "voice/saving": "speaks to whoever installs, at the keyboard",
    "voice/schema.py": "speaks to whoever installs, at the keyboard",
    "knowledge/embeddings/yardstick.py": "questions to measure with",
    "voice/agents/prompts.py": "told to a language model",
    "voice/agents/definitions.py": "told to a language model",
    "voice/agents/commands.py": "told to a language model",
    "voice/inspection.py": "a question to try the tool with",
    "voice/lookups.py": "a question to try the database with",
    "voice/tools.py": "what a caller hears when all fails, in the persona's place",
    "voice/payloads.py": "read from reports by machines",
    "voice/reports.py": "why a report waits, for the log",
    "voice/reconciliation.py": "why a report waits, for the log",
    "personas/models/personas.py": "the persona's own words",
    "voice/lines.py": "refusals of the machine door",
    "voice/models/deeds.py": "why a row of the audit log stays, for whoever writes code",
    "voice/permissions.py": "refusals of the machine door",
    "voice/webhooks.py": "refusals of the machine door",
}
# Calls whose texts are for the log, for developers, for the machine door, or translated where they are said.
EXEMPT_CALLS = re.compile(
    r"(^|\.)(logger\.\w+|compile|Breaker|Crew|BadCall|NotYours|Unknown|NotNow|Away|NotTaken|Altered|TooLarge|TooMany"
    r"|Taken|Busy|Http404|MiddlewareNotUsed|RuntimeError|ValueError|TypeError|NotImplementedError|CommandError)$"
)
GETTEXT = re.compile(r"^(_\w?|n?p?gettext(_lazy|_noop)?|translation\.\w+)$")
SENTENCE = re.compile(r"[A-Z“][\w'’]* .*\w+ .*[.?!]\s*$", re.DOTALL)
BARE = re.compile(r"[A-Za-z]{2,}")
NAMES = r"{%\s*block (?:body_class|skip_to)\s*%}.*?{%\s*endblock\s*%}"
LEFT_ALONE = r"{%\s*(?:comment|blocktranslate)\b.*?{%\s*end(?:comment|blocktranslate)\s*%}"
TOKEN = re.compile(rf"{NAMES}|{LEFT_ALONE}|{{\w+}}|{{[%{{#].*?[%}}#]}}", re.DOTALL)
TOLD_TO_AGENTS = re.compile(r"{# Told to the agent, not shown. #}(?:\s*<p .*?</p>)+")
READ = re.compile(r"""\b(?:aria-label|title|placeholder|alt|data-label)="([^"]*)\"""")
TAG = re.compile(r"<(?P<name>pre|code|style)\b.*?</(?P=name)>|<[^>]*>", re.DOTALL)
# Names, units and marks, the same in every language.
WORDS_OF_ALL = {
    "Clone",
    "Advisor",
    "UTC",
    "ElevenLabs",
    "ms",
    "nbsp",
    "rsaquo",
    "amp",
    "hellip",
    "middot",
    "times",
    "Esc",
}


def bare_in_template(source):
    """Words that a template says as they stand there."""
    masked = TOKEN.sub(lambda found: "\0" * len(found[0]), TOLD_TO_AGENTS.sub("", source))
    texts = [TAG.sub("\n", masked), *READ.findall(masked)]
    return [word for text in texts for word in BARE.findall(text) if word not in WORDS_OF_ALL]


def bare_in_code(source):
    """Sentences that a module says as they stand there."""
    tree = ast.parse(source)
    documented = {id(node.body[0].value) for node in ast.walk(tree) if _is_documented(node)}
    return [text for node in _said(tree) if id(node) not in documented and SENTENCE.match(text := _text(node))]


def _is_documented(node):
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None


def _said(node):
    """Texts that are handed neither to gettext nor to an exempt call, f-strings as one."""
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if GETTEXT.match(name) or EXEMPT_CALLS.search(name):
            return
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _said(child)


def _text(node):
    if isinstance(node, ast.Constant):
        return node.value
    return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)


def modules():
    paths = [path for room in harvest.ROOMS for path in harvest.modules(ROOT / room)]
    names = [str(path.relative_to(ROOT)) for path in paths]
    return [name for name in names if "/management/" not in name and not any(map(name.startswith, EXEMPT))]


def test_no_template_holds_a_bare_sentence():
    found = {
        str(path.relative_to(ROOT)): bare_in_template(path.read_text()) for path in (ROOT / "templates").rglob("*.html")
    }
    assert {path: words for path, words in found.items() if words} == {}


def test_no_module_that_speaks_to_people_holds_a_bare_sentence():
    found = {name: bare_in_code((ROOT / name).read_text()) for name in modules()}
    assert {name: sentences for name, sentences in found.items() if sentences} == {}


@pytest.mark.parametrize("name", EXEMPT)
def test_every_exemption_is_still_needed(name):
    path = ROOT / name
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert any(bare_in_code(file.read_text()) or EXEMPT_CALLS.search(file.read_text()) for file in files)


def test_bare_sentences_are_found():
    assert bare_in_template('<p title="Now">{% translate "Yes" %} {{ name }}</p>') == ["Now"]
    assert bare_in_template("{% blocktranslate %}Not this{% endblocktranslate %}<b>but this</b>") == ["but", "this"]
    assert bare_in_code('"""Not this one here."""\nsay(f"{count} of them are gone.")\n') == []
    assert bare_in_code('say("All of them are gone.", _("Not this one here."))') == ["All of them are gone."]
