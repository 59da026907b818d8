# `make demo` and `make test` are all a newcomer needs; each makes its own virtual environment.
PYTHON ?= $(shell scripts/newest-python)
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
DURATION ?= 120
SEED ?= heliograph

.PHONY: help demo test torture check format benchmark benchmark-durable clean
.DEFAULT_GOAL := help

help:  ## Show what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.store  ## Run the example store on http://127.0.0.1:8000 (PORT= overrides) and order, fail, retry and kill before your eyes
	@cd examples/store && exec ../../$(BIN)/python manage.py demo --port $(PORT)

test: $(VENV)/.dev  ## Run all tests (PostgreSQL and Chromium are used where they are found)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

torture: $(VENV)/.dev  ## Kill workers while producers write, for DURATION= seconds on each database, from a SEED=
	$(BIN)/python tests/torture/long_form.py --seconds $(DURATION) --seed $(SEED)
	TORTURE_LONG=1 TORTURE_PASSING=100000 $(BIN)/python -m pytest -rP -o timeout=1800 tests/torture

check: $(VENV)/.dev  ## Check format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Format the code and repair what lint can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

benchmark: $(VENV)/.dev  ## Compare the dispatcher with its peers
	$(BIN)/python benchmarks/inprocess.py

benchmark-durable:  ## Compare durable receivers with their peers (PostgreSQL, Redis and RabbitMQ at work; ARGS=)
	$(MAKE) VENV=.venv-peers DJANGO=Django==6.0.10 .venv-peers/.peers
	.venv-peers/bin/python benchmarks/durable.py $(ARGS)

clean:  ## Remove what the other commands made
	rm -rf examples/store/*.sqlite3* .venv .venv-* .django-suite .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# DJANGO=Django==5.2.19 tests with that version instead of the pinned one.
ifdef DJANGO
CONSTRAINTS := $(VENV)/constraints.txt
$(CONSTRAINTS): constraints.txt $(VENV)/.made
	grep -v '^Django==' constraints.txt > $@
else
CONSTRAINTS := constraints.txt
endif
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c $(CONSTRAINTS)

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "Heliograph needs Python 3.11 or newer with venv; none was found. Name one: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@touch $@

$(VENV)/.store: $(VENV)/.made pyproject.toml $(CONSTRAINTS)
	$(INSTALL) -e . --group store
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml $(CONSTRAINTS)
	$(INSTALL) $(DJANGO) -e . --group test --group check --group benchmark
	@touch $@

$(VENV)/.peers: $(VENV)/.made pyproject.toml $(CONSTRAINTS)
	$(INSTALL) $(DJANGO) -e . --group peers
	@touch $@
