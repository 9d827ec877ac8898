"""The house, drawn: which room may know which, and on which floor a module lives."""

import ast
import functools
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from voice.standin import app, manual

ROOMS = {"voice": {"knowledge", "personas"}, "knowledge": {"personas"}, "personas": set()}

# Top floor first: a module imports from lower floors of its own room only, never from beside, never from above.
FLOORS = {
    "personas": [
        "apps management",
        "admin retention",
        "story",
        "versions",
        "publishing remits causes",
        "models",
        "languages recording operations",
    ],
    "knowledge": [
        "apps management",
        "admin receivers",
        "tasks checks forms golden_sheet archives",
        "golden gaps addresses",
        "evaluation calibration",
        "ingestion answering writing changeovers",
        "receiving",
        "vectors flags sources",
        "retrieval evidence composing caching identity fetching",
        "shelf scoring",
        "hearing bridging",
        "index",
        "followups reading splitting embeddings graph meters",
        "formats claims trips usage network broker removals",
        "naming places sheets language retention",
        "telemetry tracks speech yielding breakers notices counting flights models",
    ],
    "voice": [
        "apps urls management lookout languages tracking doorstep readings",
        "admin receivers views webhooks health witness",
        "exposition",
        "contract",
        "tasks permissions checks forms widgets presentation voices templatetags entrance",
        "ringing",
        "phones reconciliation retention watch waiting daily",
        "objectives books",
        "sessions letters inspection",
        "saving schema paper agents conversations history rollout rehearsal timelines ratings attempts figures",
        "tools reports warming transcripts",
        "lookups",
        "lines matching endings minutes",
        "calls audit",
        "tracing sentry press gateway payloads claims alerts heard journal refusals bodies crew backlog labour tallies tokens clock capacity queue origins devices",
        "cutting ledger",
        "models standin callers words roles",
    ],
}

# Houses of their own: the pretend ElevenLabs and the pretend visitors know us over HTTP only. By whom each is used.
STRANGERS = {
    "voice.standin": "voice.management.commands.standin",
    "voice.callers": "voice.management.commands.replay_conversations",
}

NAMED = re.compile(r"`([a-z_]+)/?`")

# A library that only its keepers may know.
KEEPERS = {
    "elevenlabs": {"voice.gateway.asking"},
    "opentelemetry": {"voice.tracing"},
    "sentry_sdk": {"voice.sentry"},
    "openai": {"knowledge.writing", "knowledge.embeddings.endpoint"},
    "onnxruntime": {"knowledge.embeddings.local"},
    "tokenizers": {"knowledge.embeddings.local"},
    "onnx": {"knowledge.graph"},
    "typst": {"voice.press"},
    "pypdfium2": {"knowledge.formats.pdf_pages", "knowledge.formats.pdf_drawing", "knowledge.formats.pdf_drawn"},
}


def read(path):
    """A module's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def name(path):
    """voice/standin/store.py → voice.standin.store"""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def modules(room):
    """The room's modules by name, without its migrations."""
    return {name(path): read(path) for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts}


def imports(tree):
    """The full names a module imports; of `from voice import tools` it is voice.tools."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.module if is_inside_a_module(node.module) else f"{node.module}.{alias.name}"


def is_inside_a_module(target):
    return (ROOT / Path(*target.split("."))).with_suffix(".py").is_file()


def is_inside(module, house):
    return module == house or module.startswith(f"{house}.")


def is_a_stranger(module):
    return any(is_inside(module, house) for house in STRANGERS)


def arrows():
    """Every (importing module, imported module) between our own rooms, strangers apart."""
    for room in ROOMS:
        for module, tree in modules(room).items():
            if not is_a_stranger(module):
                yield from ((module, target) for target in imports(tree) if target.split(".")[0] in (*ROOMS, "config"))


def floor(module):
    """How far down the module lives in its room, or None when the picture does not have it."""
    room, _, rest = module.partition(".")
    for depth, names in enumerate(FLOORS[room]):
        if rest.partition(".")[0] in names.split():
            return depth
    return None


@pytest.mark.parametrize("room", FLOORS)
def test_the_page_on_the_house_names_every_module_in_its_room_and_no_other(room):
    page = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
    part = page.partition(f"\n## {room}, from the top\n")[2].partition("\n## ")[0]
    named = {word for line in part.splitlines() if line[:1] == "|" for word in NAMED.findall(line.split("|")[2])}
    assert named == {module for modules in FLOORS[room] for module in modules.split()} - {"apps"}


def test_every_module_stands_in_the_picture():
    outside = {
        module
        for room in ROOMS
        for module in modules(room)
        if module != room and not is_a_stranger(module) and floor(module) is None
    }
    assert outside == set()


def test_rooms_are_known_from_left_to_right_only():
    crossings = {(source.split(".")[0], target.split(".")[0], source) for source, target in arrows()}
    wrong = [(source, room) for left, room, source in crossings if room != left and room not in ROOMS[left]]
    assert wrong == []


def test_inside_a_room_imports_only_go_down():
    inside = [(source, target) for source, target in arrows() if source.split(".")[0] == target.split(".")[0]]
    assert [f"{source} → {target}" for source, target in inside if not goes_down(source, target)] == []


def goes_down(source, target):
    """To a lower floor, or within one package: how knowledge.formats is divided is its own affair."""
    if source.split(".")[:2] == target.split(".")[:2]:
        return True
    upper, lower = floor(source), floor(target)
    return upper is not None and lower is not None and upper < lower


def test_nobody_imports_the_configuration():
    assert [source for source, target in arrows() if target.split(".")[0] == "config"] == []


@pytest.mark.parametrize("library", KEEPERS)
def test_a_library_is_known_to_its_keepers_alone(library):
    knowing = {
        module
        for room in (*ROOMS, "config")
        for module, tree in modules(room).items()
        if library in {target.split(".")[0] for target in imports(tree)}
    }
    assert knowing == KEEPERS[library]


@pytest.mark.parametrize("house", STRANGERS)
def test_a_stranger_knows_nothing_of_ours(house):
    inside = {module: tree for module, tree in modules("voice").items() if is_inside(module, house)}
    assert inside
    ours = {*ROOMS, "config", "django", "rest_framework"}
    wrong = [
        f"{module} → {target}"
        for module, tree in inside.items()
        for target in imports(tree)
        if target.split(".")[0] in ours and not is_inside(target, house)
    ]
    assert wrong == []


@pytest.mark.parametrize("house", STRANGERS)
def test_a_stranger_is_imported_by_its_command_alone(house):
    importing = {source for source, target in arrows() if is_inside(target, house)}
    assert importing == {STRANGERS[house]}


def test_no_import_hides_in_a_function():
    allowed = {"voice.apps", "knowledge.apps", "personas.apps", "voice.gateway.asking"}
    folders = (*ROOMS, "config", "demo", "tests", "benchmarks")
    hidden = [
        f"{module}, line {node.lineno}"
        for folder in folders
        for module, tree in modules(folder).items()
        if module not in allowed
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_every_question_of_the_gateway_is_held_against_the_official_sdk():
    """By tests/voice/test_gateway_wire.py, which walks the table CALLS."""
    asking = [tree for tree in modules("voice/gateway").values() if "voice.gateway.asking" in imports(tree)]
    questions = {
        node.name
        for tree in asking
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }
    calls = (ROOT / "tests/voice/gateway_calls.py").read_text()
    checked = set(re.findall(r'^    "(\w+)": Call\(', calls, re.MULTILINE))
    assert questions - checked == set(), (
        "Give each of these functions of voice.gateway a line in CALLS of tests/voice/gateway_calls.py: how to call it (`made` "
        "holds an agent, a tool, a secret, a webhook and a past conversation on the stand-in) and the endpoints it asks at."
    )
    told = (ROOT / "docs/ELEVENLABS.md").read_text()
    untold = {name for name in questions if f"`{name}`" not in told}
    assert untold == set(), (
        "name these in the table “What we ask” of docs/ELEVENLABS.md (tests/test_elevenlabs_page.py)"
    )
    assert checked - questions == set(), "CALLS in tests/voice/gateway_calls.py names what voice.gateway no longer has."


def test_every_address_of_the_stand_in_is_explained_in_its_manual():
    """tests/standin/test_answers.py then carries out the examples, and holds what comes back against the official SDK."""
    served = {f"{method} {path}" for method, path, _endpoint in [*app.ROUTES, *app.OWN]}
    explained = manual.IMITATED.keys() | manual.OWN.keys()
    assert served - explained == set(), "write a Page for these in voice/standin/manual/: takes, refuses, an example"
    assert explained - served == set(), "voice/standin/manual/ explains addresses that are gone"
