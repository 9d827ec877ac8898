# Two commands on a fresh machine: `make run` and `make test`. What they do stands in demo/run.py and tests/run.py.

# The first Python that is new enough, or whatever python3 is, which then says what is wrong.
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && exit; done; echo python3)

.PHONY: run test bench lint audit python

run: python
	@$(PYTHON) -m demo.run

test: python
	@$(PYTHON) -m tests.run

bench: python
	@$(PYTHON) -m tests.run --prepare
	@.venv/bin/python -m benchmarks

# Licences, secrets, known vulnerabilities; fails, too, where the advisory services cannot be reached.
audit: python
	@$(PYTHON) -m tests.run --prepare
	@.venv/bin/python -m tests.audit

lint:
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. Install it, then try again."; exit 1; }
