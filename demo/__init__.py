"""What `make run` and `make test` do before Django exists: standard library only."""

import sys

# Stands here since this is read first; the modules beside it could not even be read by an older Python.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        "Clone Advisor needs Python 3.11 or newer, and this is {}.{}. "
        "Install one, or name the one you have: make run PYTHON=python3.12".format(*sys.version_info[:2])
    )
