"""`make test`: everything the tests need, then the suite on PostgreSQL, what touches the database once more on SQLite, then the pages in Chromium."""

import os
import secrets
import signal
import subprocess
import sys
import time

from demo import installation, processes, steps
from demo.steps import PYTHON, ROOT, Problem

# curl and openssl are what the pages for programs show; tests run their commands.
PROGRAMS = {"espeak-ng": "espeak-ng", "flite": "flite", "chromium": "chromium", "curl": "curl", "openssl": "openssl"}
RUNS = {
    "On PostgreSQL and Valkey": ("postgresql", "not browser", []),
    "Once more on SQLite": ("sqlite", "not browser", ["--on-database"]),
    "In Chromium": ("postgresql", "browser", []),
}
LIMIT_MINUTES = 40  # for one run: a test that hangs must not take the whole machine's time


def main():
    """Exit code 0 when every test of every run passed and none was skipped, else 1. `--prepare` only installs."""
    steps.listen_for_the_end()
    began = time.monotonic()
    try:
        prepare()
        if "--prepare" in sys.argv[1:]:
            return
        failed = [title for title, chosen in RUNS.items() if not run(title, *chosen)]
        if failed:
            raise Problem(f"Not everything passed: {'; '.join(failed)}.")
        steps.say(f"\nAll tests passed, after {(time.monotonic() - began) / 60:.1f} minutes.")
    except Problem as problem:
        steps.give_up(problem)
    except steps.Stopped:
        sys.exit("\nStopped.")


def prepare():
    """Install what is missing. Raises Problem naming what this machine must be given by hand."""
    steps.say("Clone Advisor: getting ready for the tests\n")
    installation.make_venv()
    installation.install_packages(tests=True)
    installation.bundle_browser_client()
    missing = installation.install_programs(PROGRAMS)
    if missing:
        raise Problem(
            f"The tests need {', '.join(missing)}, which could not be installed from here. "
            f"Install by hand, then try again: apt-get install {' '.join(missing.values())}"
        )
    settings = {**os.environ, "SECRET_KEY": secrets.token_urlsafe(50), "DATA_DIR": "var"}
    installation.build_embedding_graph(settings, ROOT / "var" / "model")


def run(title, database, marker, rest=()):
    """Run pytest in plain sight. Returns whether it passed."""
    steps.say(f"\n{title}\n")
    command = [PYTHON, "-m", "pytest", "--no-skips", "-m", marker, *rest]
    surroundings = {**os.environ, "TEST_DATABASE": database}
    process = subprocess.Popen(command, cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(timeout=LIMIT_MINUTES * 60) == 0
    except subprocess.TimeoutExpired:
        steps.say(f"\n{title}: ended after {LIMIT_MINUTES} minutes.")
        return False
    finally:
        # As if by Ctrl-C: it still stops its stores and says how far it came.
        processes.stop(process, word=signal.SIGINT, patience=30)


if __name__ == "__main__":
    main()
