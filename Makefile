# Two commands on a fresh machine: `make run` and `make test`. What they do stands in demo/run.py and tests/run.py.
PYTHON ?= python3

.PHONY: run test bench lint

run:
	@$(PYTHON) -m demo.run

test:
	@$(PYTHON) -m tests.run

bench:
	@$(PYTHON) -m demo.run --prepare
	@.venv/bin/python -m benchmarks

lint:
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .
