# make demo and make test are all a newcomer needs; both set everything up first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test chaos soak reallogs mutants bench check format lock schemas clean

ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/' | expand -t 18

setup: $(READY)  ## install everything into .venv

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and was not found."; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version):"
	@$(PYTHON) -m venv $(VENV) || { echo "Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --require-hashes -r requirements.lock \
		| sed -un -e 's/^Collecting \([^ ]*\).*/  fetching \1/p' -e 's/^Installing collected.*/  installing/p'
	@PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)  ## run a simulated office's week through real Kafka, and show the alerts
	@$(BIN)/backoffice demo

JOBS ?= 2
test: $(READY)  ## run the whole test suite against a real broker, two files at a time (JOBS=1: one)
	@$(BIN)/pytest -n $(JOBS) --dist loadfile $(ARGS)

chaos: $(READY)  ## the long runs: kills, cut networks, bad data, a million deadlines (about an hour)
	@BACKOFFICE_CHAOS=long BACKOFFICE_CHAOS_REPORT=. $(BIN)/pytest tests/chaos --timeout=3600 $(ARGS)

soak: $(READY)  ## half an hour of 1,000 events/s with the console open, and a minute of 5,000 (needs Chromium)
	@BACKOFFICE_CHAOS=long $(BIN)/pytest tests/console/test_soak.py tests/console/test_records_fast.py -s $(ARGS)

reallogs: $(READY)  ## the real event logs whole, through a real broker (half an hour; they are not in the repository)
	@BACKOFFICE_CHAOS=long $(BIN)/pytest tests/kafka/test_import.py tests/kafka/test_import_answers.py -s $(ARGS)

mutants: $(READY) .mutmut  ## change the rules in thousands of small ways: do the tests notice? (hours; ARGS="hr --sample 300")
	@$(BIN)/python -m tests.mutation $(ARGS)

.mutmut:  # beside the rest: it wants other versions of what faust-streaming needs
	@$(BIN)/python -m pip install -q --target .mutmut mutmut==3.8.1

bench: $(READY)  ## the same job on this engine and on its peers (needs Java and Maven; about half an hour)
	@$(BIN)/python -m benchmarks $(ARGS)

check: $(READY)  ## lint, format, types, import directions, committed schemas and rule reference
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/backoffice schemas check
	$(BIN)/backoffice rules reference --check

format: $(READY)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schemas: $(READY)  ## export the JSON Schemas
	$(BIN)/backoffice schemas export

lock:  ## pin every dependency anew, hashed, naming no index host (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-annotate --no-header --upgrade --extra dev pyproject.toml -o requirements.lock

clean:  ## remove what setup made here (the broker's data stay: backoffice broker)
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .mutmut mutants
