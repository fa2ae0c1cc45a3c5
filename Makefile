# Each target works alone, from nothing: python3 and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# The tests and the demo start hundreds of processes: each would translate the whole project again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test lint bench bench-match lock clean

setup: $(READY)

# A fresh environment from the lock, whenever the lock or the project's own description changes.
$(READY): requirements.lock pyproject.toml
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

demo: $(READY)
	$(BIN)/python -m examples.demo

test: $(READY)
	$(BIN)/python -m pytest -n 4 --dist worksteal $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/python -m benchmarks.sync
	$(BIN)/python -m benchmarks.notion
	$(BIN)/python -m benchmarks.matching
	$(BIN)/python -m benchmarks.index
	$(BIN)/python -m benchmarks.eagle

bench-match: $(READY)
	$(BIN)/python -m benchmarks.matching

# Universal: Linux and macOS, Python 3.11 to 3.13. No index address gets into it.
lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
		--output-file requirements.lock --quiet

clean:
	rm -rf $(VENV) demo-library .pytest_cache .mypy_cache .ruff_cache .hypothesis
