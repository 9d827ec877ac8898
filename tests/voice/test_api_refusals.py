"""docs/API.md tells every limit and every sentence with which a door refuses, as the code has them."""

import ast
import re

from tests.conftest import ROOT
from voice import urls

PAGE = (ROOT / "docs" / "API.md").read_text()


def limits():
    """{view: so often a minute}, as the views say it."""
    found = {}
    for tree in map(ast.parse, (file.read_text() for file in (ROOT / "voice/views").glob("*.py"))):
        for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
            rates = re.findall(r"is_too_fast\(request, '[\w-]+', '(\d+)/m'\)", ast.unparse(function))
            found.update(dict.fromkeys([function.name] if rates else [], *rates))
    return found


def test_the_limits_of_the_page_s_doors_are_those_of_the_views():
    table = PAGE.split("| door | body | answer | a minute |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| `(?:GET|POST) ([^`]+)` \|.*\| (\d*) ?\|$", table, re.MULTILINE)
    views = {str(route.pattern).replace("<slug:slug>", "SLUG"): route.name for route in urls.urlpatterns}
    told = {views[(address if address[0] == "/" else f"/chat/SLUG/{address}")[1:]]: most for address, most in rows}
    assert {view: most for view, most in told.items() if most} == {
        name: most for name, most in limits().items() if name in told
    }


REFUSALS = {"BadCall", "NotYours", "Unknown", "NotNow", "Away", "NotTaken", "TooLarge", "TooMany", "Altered", "NotAuthenticated",
            "AuthenticationFailed"}  # fmt: skip


def sentence(node):
    """A literal as a pattern: what is filled in may be anything. None for what is no literal."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "gettext", "gettext_lazy", "str") and node.args:
        return sentence(node.args[0])
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".format"):
        return sentence(node.func.value.args[0])
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\\\{\w+\\\}", ".+", re.escape(node.value))
    return None


def refused_by_machines_doors():
    """Every sentence with which these doors refuse, as a pattern."""
    for module in ("calls", "lines", "lookups", "permissions", "ringing", "tools", "webhooks"):
        for node in ast.walk(ast.parse((ROOT / f"voice/{module}.py").read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                REFUSALS if module != "lookups" else {"NotYours"}
            ):
                yield node.args[0] if node.args else None
            if module == "calls" and isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
                yield node.value


def refused_by_pages():
    """(code, sentence as a pattern) of every refusal that a page's script may hear."""
    files = [
        *(ROOT / "voice/views").glob("*.py"),
        *(ROOT / f"voice/{name}.py" for name in ("sessions", "rollout", "minutes")),
    ]
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        given = []
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("page_refusal", "Unavailable"):
            given = node.args[:2]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "refuse":
            given = node.args[2:4]
        elif isinstance(node, ast.Assign | ast.Return) and isinstance(node.value, ast.Tuple):
            given = node.value.elts[:2]
        if len(given) == 2 and isinstance(given[0], ast.Constant) and re.fullmatch("[a-z_]+", str(given[0].value)):
            yield given[0].value, sentence(given[1])


def told(text):
    return re.findall("“([^”]+)”", text)


def test_every_sentence_of_the_machines_refusals_stands_on_the_page_and_no_other():
    text = PAGE.split("## A question in mid-conversation")[1].split("## Health and figures")[0]
    said = {pattern for node in refused_by_machines_doors() if node and (pattern := sentence(node))} - {""}
    assert [pattern for pattern in said if not any(re.fullmatch(pattern, one) for one in told(text))] == []
    assert [one for one in told(text) if not any(re.fullmatch(pattern, one) for pattern in said)] == []


def test_every_refusal_of_a_page_s_door_stands_on_the_page():
    text = PAGE.split("## The page's own doors (internal)")[1].split("## Pages and files")[0]
    rows = {
        code: told(line)
        for line in text.splitlines()
        if re.match(r"\| \d", line)
        for code in re.findall(r"`(\w+)`", line.split(" | ")[1])
    }
    refused = dict.fromkeys(
        code
        for code, pattern in refused_by_pages()
        if pattern or code.startswith("bad_") or code in ("gone", "too_much")
    )
    assert set(refused) - set(rows) == set(), "give these codes a row in docs/API.md"
    assert set(rows) - set(refused) == {"forbidden", "not_found", "failed"}, "nothing refuses with these any more"
    missing = [
        (code, pattern)
        for code, pattern in refused_by_pages()
        if pattern and not any(re.fullmatch(pattern, one) for one in rows[code])
    ]
    assert missing == []
