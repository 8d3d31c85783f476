# One environment in .venv, made when first needed and kept up to date with pyproject.toml and constraints.txt.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PINNED := -c constraints.txt
DEMO := tocsin-demo
# The package behind published tables, which the metrics are held to; it asks for a torch of its own, so it comes alone.
REFERENCE := tsb-ad==1.5

.DEFAULT_GOAL := help
# Tests run side by side: each keeps to one core.
test test-all: export OMP_NUM_THREADS = 1

.PHONY: help demo test check test-all bench published docs figures pages clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.ready  ## Install what it needs, then simulate, train, score, report and verify: a minute's tour
	@echo "tocsin demo -o $(DEMO)"
	@$(BIN)/tocsin demo -o $(DEMO)

test: check  ## Lint, check types and layers, and run all tests but the slow ones
	$(BIN)/pytest -n 2 -m "not slow"

check: $(VENV)/.ready-dev  ## Lint, check types, and check who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test-all: check  ## Everything in test, and the slow tests
	$(BIN)/pytest -n 2

bench: $(VENV)/.ready  ## Measure speed beside Keras, which is installed into .venv-keras
	$(BIN)/python benchmarks/run.py

published: $(VENV)/.ready  ## Run the published benchmarks on DATA=folder, and write docs/benchmarks.md
	$(BIN)/python benchmarks/published.py --data "$(DATA)"

docs: $(VENV)/.ready  ## Write the reference pages that are made from the code
	$(BIN)/python docs/render.py

figures: $(VENV)/.ready  ## Run the demo, and write its figures and its picture into the README
	$(BIN)/python docs/figures.py

pages: $(VENV)/.ready-dev  ## Take the pictures of the dashboard for the docs from the running pages
	$(BIN)/python docs/pages.py

clean:  ## Remove the environments, caches and the demo's files
	rm -rf $(VENV) .venv-keras $(DEMO) build dist test-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "tocsin needs Python 3.11 or newer. Name one: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet $(PINNED) --upgrade pip
	@touch $@

$(VENV)/.ready: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet $(PINNED) -e ".[all]"
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(PIP) install --quiet $(PINNED) --group dev
	$(PIP) install --quiet --no-deps $(REFERENCE)
	@touch $@
