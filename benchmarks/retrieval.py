"""Retrieval by size of persona, and a document's way in: in a process of its own, on SQLite in a folder of its own."""

import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = "from benchmarks import retrieval_sizes; retrieval_sizes.measure()"


def run():
    """Print what searching and ingesting take."""
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder:
        Path(folder, "model").symlink_to(ROOT / "var" / "model")
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": uuid.uuid4().hex,
            "DATA_DIR": folder,
            "DATABASE_URL": "",
            "REDIS_URL": "redis://127.0.0.1:9/0",  # nobody there: nothing is answered from a cache
            "LOG_LEVEL": "ERROR",
            "DEBUG": "False",
        }
        command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", SCRIPT]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            sys.exit("The measurement of retrieval broke off; what is above says where.")


if __name__ == "__main__":
    run()
