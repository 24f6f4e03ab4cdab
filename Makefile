# Names for commands that also work by hand; CONTRIBUTING.md lists them, for Windows too.
PYTHON ?= python3
BIN    := .venv/bin
LOCKED := .venv/.locked
LINKED := .venv/.linked
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
          --no-emit-index-url --no-emit-find-links pyproject.toml --extra book --extra cluster --extra data --extra export --extra test

.DEFAULT_GOAL := help
.PHONY: help env book test bench lint lock clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-6s %s\n", $$1, $$2}'

env: $(LINKED)  ## create .venv from the lock; nothing to do while it is up to date

$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(not (3, 11) <= v <= (3, 13))' \
	  || { echo "make: Python 3.11 to 3.13 is needed; try: make env PYTHON=python3.12"; exit 1; }
	@echo "installing the locked environment into .venv (once, some minutes) ..."
	@$(PYTHON) -m venv --clear .venv
	@$(PIP) --require-hashes -r requirements.lock
	@touch $@

$(LINKED): $(LOCKED) pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

book: env  ## execute what is stale, render, and print the page to open
	@$(BIN)/attacknet book build

test: lint book  ## everything: lint, types, tests, notebooks
	$(BIN)/python -m pytest -n 2 --dist loadfile
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval-lax notebooks

bench: book  ## time the package beside what it is compared with; writes benchmarks/results.json; OPTIONS="--cold --share 1"
	$(BIN)/python -m pytest -c benchmarks/pytest.ini benchmarks --results benchmarks/results.json $(OPTIONS)

lint: env  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lock: env  ## resolve the dependencies anew and write the locks
	$(LOCK) --extra cpu --output-file requirements.lock
	$(LOCK) --extra gpu --output-file requirements-gpu.lock
	$(BIN)/python tools/environment_yml.py

clean:  ## remove what was built; .venv stays
	rm -rf _build .mypy_cache .pytest_cache .ruff_cache .hypothesis
