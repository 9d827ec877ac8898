"""Licences will do, no file holds a secret, and an audit that could not look says so."""

import json
import stat
from email.message import Message

import pytest

from tests.audit import __main__ as audit
from tests.audit import advisories, leaks, licences


def test_the_licence_of_every_package_will_do():
    assert list(licences.complaints()) == []


def test_no_file_in_gits_keeping_holds_a_secret():
    assert list(leaks.complaints()) == []


def test_both_languages_packages_are_looked_at():
    assert {"django", "elevenlabs", "psycopg"} <= licences.of_python().keys()
    assert {"@elevenlabs/client", "livekit-client"} <= licences.of_npm().keys()


def test_every_exception_is_still_needed_and_has_its_reason():
    told = {**licences.of_python(), **licences.of_npm()}
    assert [name for name in licences.EXCEPTIONS if name not in told or licences.is_permissive(told[name])] == []
    assert all(len(why) > 5 for _, why in licences.EXCEPTIONS.values())


@pytest.mark.parametrize(
    "told", ["MIT", "(Apache-2.0 AND BSD-3-Clause)", "GPL-3.0-only OR MIT", "BSD License", "Apache 2.0", "MIT License"]
)
def test_a_permissive_licence_will_do(told):
    assert licences.refused("some-package", told) == ""


@pytest.mark.parametrize(
    "told",
    ["GPL-3.0-only", "AGPL-3.0-or-later", "GNU General Public License v3 (GPLv3)", "MIT AND GPL-2.0-only", "SSPL-1.0"],
)
def test_the_gpl_is_refused(told):
    assert "cannot be used here" in licences.refused("some-package", told)


@pytest.mark.parametrize("told", ["LGPL-3.0-only", "MPL-2.0", "Proprietary", "MIT AND MPL-2.0", "See LICENSE"])
def test_a_licence_that_is_not_known_to_be_permissive_is_refused(told):
    assert "not among the permissive ones" in licences.refused("some-package", told)


def test_a_package_without_a_licence_is_refused():
    assert "tells no licence" in licences.refused("some-package", "")


def test_an_exception_holds_for_the_licence_it_was_made_for():
    assert licences.refused("psycopg", "LGPL-3.0-only") == ""
    assert licences.refused("psycopg", "AGPL-3.0-only") != ""


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT"), ("License", "whole text " * 20)], "MIT"),
        ([("License", "BSD-3-Clause")], "BSD-3-Clause"),
        ([("License", "Copyright " * 20), ("Classifier", "License :: OSI Approved :: MIT License")], "MIT License"),
        ([("License", "Dual License"), ("Classifier", "License :: OSI Approved :: BSD License")], "BSD License"),
        ([("Classifier", "License :: OSI Approved"), ("Classifier", "Topic :: Text")], ""),
    ],
)
def test_a_licence_is_read_where_the_package_tells_it(fields, licence):
    told = Message()
    for name, value in fields:
        told[name] = value
    assert licences.licence(told) == licence


@pytest.mark.parametrize(
    "text",
    [
        "key = 'sk_" + "1a2b3c4d5e6f" * 3 + "'",
        "OPENAI_API_KEY=sk-proj-" + "abcdef0123" * 3,
        "wsec_" + "0f9e8d7c" * 4,
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "ABCDEFGH12345678",
        "xoxb-" + "123456789012-abcdefghij",
        "https://hooks.slack.com/" + "services/T0001/B0001/abcdef",
        "ghp_" + "a1b2c3" * 6,
        "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc_def",
        "DATABASE_URL=postgres://advisor:" + "tr0ub4dor@db.example/advisor",
    ],
)
def test_what_looks_like_a_secret_is_found_and_not_repeated(text):
    ((line, said),) = leaks.found("first\n" + text)
    assert line == 2
    assert "this looks like" in said and text[-10:] not in said


@pytest.mark.parametrize(
    "text",
    [
        "task_always_eager",
        "ask_golden_questions",
        "disk_usage_of_everything",
        "wsec_of_the_tests_0123456789",
        "risk-averse-people-ask",
        "postgres://advisor:PASSWORD@127.0.0.1:5432/advisor",
    ],
)
def test_words_and_fixtures_are_no_secrets(text):
    assert list(leaks.found(text)) == []


@pytest.mark.parametrize("name", [".env", "config/tls.key", "deploy/id_rsa", "a/b.pem", ".env.production"])
def test_a_file_that_holds_secrets_is_known_by_its_name(name):
    assert leaks.FILES.search(name)


def test_the_example_of_the_settings_is_no_such_file():
    assert not leaks.FILES.search(".env.example")


@pytest.fixture
def says(tmp_path):
    """A program that says this on its two outputs, as pip-audit and npm do where nothing answers them."""

    def make(out, err="", code=1):
        program = tmp_path / "program"
        (tmp_path / "out").write_text(out if isinstance(out, str) else json.dumps(out))
        program.write_text(f"#!/bin/sh\ncat {tmp_path}/out\necho '{err}' >&2\nexit {code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(program)

    return make


@pytest.mark.parametrize(
    ("out", "code"),
    [
        ("", 1),
        ({"dependencies": []}, 0),
        # what pip-audit 2.10 says, with "No known vulnerabilities found" and 0, where PyPI tells it nothing
        ({"dependencies": [{"name": "segno", "skip_reason": "Dependency not found on PyPI"}], "fixes": []}, 0),
    ],
)
def test_where_pypi_was_not_reached_nothing_is_called_clean(says, out, code):
    with pytest.raises(
        advisories.Unreached, match="PyPI could not be asked about known vulnerabilities, so nothing is known"
    ):
        list(advisories.of_python(says(out, "no route to host", code)))


@pytest.mark.parametrize("out", ["", {"message": "405 Method Not Allowed"}, {"error": {"code": "ENOAUDIT"}}])
def test_where_npm_was_not_reached_nothing_is_called_clean(says, out):
    with pytest.raises(
        advisories.Unreached, match="npm could not be asked about known vulnerabilities, so nothing is known"
    ):
        list(advisories.of_npm([says(out)]))


def test_a_program_that_is_not_there_asked_nobody():
    with pytest.raises(advisories.Unreached, match="No such file"):
        list(advisories.of_python("/nowhere/pip-audit"))


def test_a_known_vulnerability_is_told_with_the_release_that_mends_it(says):
    vulns = [{"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["5.2.99"]}]
    answer = {"dependencies": [{"name": "django", "version": "5.2.19", "vulns": vulns}]}
    assert list(advisories.of_python(says(answer))) == ["django 5.2.19: PYSEC-2026-1; mended in 5.2.99"]


def test_a_known_vulnerability_of_npms_is_told(says):
    cause = {"title": "Runs what it is told", "url": "https://github.com/advisories/GHSA-1"}
    answer = {"vulnerabilities": {"sdp": {"severity": "high", "range": "<3", "via": ["other", cause]}}}
    assert list(advisories.of_npm([says(answer)])) == [
        "sdp <3 (high): Runs what it is told, https://github.com/advisories/GHSA-1"
    ]


def test_an_answer_without_vulnerabilities_is_clean(says):
    answer = {"dependencies": [{"name": "django", "version": "5.2.19", "vulns": []}]}
    assert list(advisories.of_python(says(answer, code=0))) == []
    assert list(advisories.of_npm([says({"vulnerabilities": {}}, code=0)])) == []


def test_the_audit_fails_where_it_could_not_look(monkeypatch, capsys, says):
    parts = {"Known vulnerabilities, npm": lambda: advisories.of_npm([says("")]), "Licences": list}
    monkeypatch.setattr(audit, "PARTS", parts)
    with pytest.raises(SystemExit, match="Not clean, or not looked at: Known vulnerabilities, npm"):
        audit.main()
    assert "Licences: nothing to say" in capsys.readouterr().out


def test_every_pin_is_asked_about_once_by_name_and_version():
    pins = list(advisories.pinned())
    assert [pin for pin in pins if pin.startswith("psycopg==")]
    assert len(pins) == len({pin.partition("==")[0] for pin in pins})
    assert [pin for pin in pins if "[" in pin or " " in pin] == []
