"""Known vulnerabilities, as the advisory services of PyPI and npm tell them. When they cannot be asked, that is said: nothing
is called clean that was not looked at."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from demo import installation
from demo.steps import ROOT

PIP_AUDIT = "pip-audit==2.10.1"
OWN = ROOT / "var" / "audit"  # pip-audit brings packages of its own, which are none of the site's
# Advisories that do not concern us, with the reason.
KNOWN = {}
UNREACHED = (
    "{what} could not be asked about known vulnerabilities, so nothing is known of them: {why}. Connect this machine to the "
    "internet, or name its proxy, and try again."
)


class Unreached(Exception):
    """Nobody answered, or not with an answer."""


def of_python(program=None):
    """Sentences on the pinned packages. Raises Unreached."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("\n".join(sorted(pinned())) + "\n")
        options = [
            "-r",
            pins,
            "--no-deps",
            "--disable-pip",
            "--format",
            "json",
            "--progress-spinner",
            "off",
            "--timeout",
            "15",
        ]
        answer = ask([program or installed(), *options], "PyPI")
    for package in answer.get("dependencies") or nothing("PyPI", "it named no package"):
        if "skip_reason" in package:
            nothing("PyPI", f"{package['name']}: {package['skip_reason']}")
        for known in package["vulns"]:
            if not {known["id"], *known.get("aliases", [])} & KNOWN.keys():
                mended = ", ".join(known.get("fix_versions") or []) or "no release yet"
                yield f"{package['name']} {package['version']}: {known['id']}; mended in {mended}"


def pinned():
    """Every pin of every requirements file, without extras: `name==version`."""
    files = [*installation.REQUIREMENTS, *installation.TEST_REQUIREMENTS, installation.CONSTRAINTS]
    files += [installation.MODEL_REQUIREMENTS, installation.NODE_REQUIREMENTS]
    lines = [
        line for file in files for line in (ROOT / file).read_text().splitlines() if "==" in line and line[0] != "#"
    ]
    halves = [line.split()[0].partition("==") for line in lines]
    return {f"{name.partition('[')[0]}=={version}" for name, _, version in halves}


def installed():
    """Where pip-audit stands, in an environment of its own that is made at first use. Raises Unreached."""
    program = OWN / "bin" / "pip-audit"
    if not program.exists():
        make = [[sys.executable, "-m", "venv", OWN], [OWN / "bin" / "python", "-m", "pip", "install", "-q", PIP_AUDIT]]
        for command in make:
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                nothing("PyPI", last_line(done.stderr) or "pip-audit could not be installed")
    return program


def of_npm(program=None):
    """Sentences on the packages that the page is made of. Raises Unreached."""
    npm, environment = (program, None) if program else installation.find_npm()
    answer = ask([*npm, "audit", "--omit=dev", "--json"], "npm", environment)
    if "vulnerabilities" not in answer:
        nothing("npm", answer.get("message") or "its answer is not understood")
    for name, known in answer["vulnerabilities"].items():
        causes = [cause for cause in known["via"] if isinstance(cause, dict)]
        for cause in causes:
            if cause["url"].rpartition("/")[2] not in KNOWN:
                yield f"{name} {known['range']} ({known['severity']}): {cause['title']}, {cause['url']}"


def ask(command, what, environment=None):
    """The program's answer as JSON. Both end with 1 when they found something, and when they could not look. Raises Unreached."""
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
        return json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired) as fault:
        nothing(what, str(fault))
    except ValueError:
        nothing(what, last_line(done.stderr) or "its answer is not understood")


def nothing(what, why):
    raise Unreached(UNREACHED.format(what=what, why=why.strip().rstrip(".")))


def last_line(text):
    return (text.strip().splitlines() or [""])[-1][:300]
