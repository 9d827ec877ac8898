"""docs/ELEVENLABS.md says what the code does: its tables are held against the gateway, the SDK, the agents and the addresses."""

import json
import re
import typing

import pytest

from tests.conftest import ROOT
from tests.official.endpoints import blank, catalogue
from tests.voice.gateway_calls import CALLS
from voice import urls
from voice.agents import definitions
from voice.standin import keys, manual

PAGE = (ROOT / "docs/ELEVENLABS.md").read_text()


def rows(section):
    """The cells of the rows of the first table under a heading."""
    table = PAGE.split(f"\n## {section}", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]


def words(cell):
    return re.findall(r"`([^`]+)`", cell)


ASKED = {words(row[0])[0]: row for row in rows("What we ask")}


def endpoint_of(key):
    method, path = key.split(" ")
    return catalogue()[method, blank(path)]


def test_every_endpoint_we_ask_at_has_its_row_and_no_other_has():
    used = {endpoint for call in CALLS.values() for endpoint in call.endpoints}
    assert used - ASKED.keys() == set(), "give each of these a row in docs/ELEVENLABS.md, under “What we ask”"
    assert ASKED.keys() - used == set(), "docs/ELEVENLABS.md has rows for endpoints that nothing asks at any more"


@pytest.mark.parametrize("key", ASKED)
def test_a_row_names_who_asks_the_sdks_method_the_type_of_the_answer_and_the_permission(key):
    _endpoint, asking, method, answer, needs, _section = ASKED[key]
    assert words(asking) == [name for name, call in CALLS.items() if key in call.endpoints]
    assert words(method) == [endpoint_of(key).name]
    assert words(needs) == [permission for permission in [keys.needed(*key.split(" "))] if permission]
    assert words(answer) == ([] if endpoint_of(key).answer in (typing.Any, type(None)) else [name_of(key)])


def name_of(key):
    """How the SDK calls the type of an endpoint's answer; a union's name is only in its source."""
    answer = endpoint_of(key).answer
    if hasattr(answer, "model_fields"):
        return answer.__name__
    return "".join(part.title() for part in re.split(r"[._]", endpoint_of(key).name.split(".", 1)[1])) + "Response"


def test_every_endpoint_we_ask_at_is_imitated():
    assert ASKED.keys() <= manual.IMITATED.keys()


def test_the_frames_are_those_the_agents_send():
    assert [words(row[0])[0] for row in rows("The conversation's socket")] == definitions.CLIENT_EVENTS


def test_every_address_for_elevenlabs_has_its_row():
    ours = {str(route.pattern) for route in urls.urlpatterns if str(route.pattern).startswith("elevenlabs/")}
    assert {words(row[0])[0] for row in rows("What they send us")} == {f"POST /{route}" for route in ours}


def test_the_measures_are_those_that_are_installed():
    pinned = re.search(r"^elevenlabs==(\S+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)[1]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    versions = [packages[f"node_modules/@elevenlabs/{name}"]["version"] for name in ("types", "client")]
    measures = PAGE.split("| measure |", 1)[1].split("\n\n")[0]
    for version in (pinned, *versions):
        assert f"| {version} |" in measures
