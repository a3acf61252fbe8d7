# The whole developer interface. Every target sets up what it needs; `make demo` and `make test`
# work on a fresh machine with Python 3.11 or newer, git and make.

PYTHON ?= python3
VENV   ?= .venv
WORKERS ?= 2

# Windows puts the programs of a virtual environment elsewhere.
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
DEMO := $(VENV)/.demo-ready
DEV  := $(VENV)/.dev-ready

.PHONY: demo test check deep hostile mutants fuzz soak bench docs clean

demo: $(DEMO)  ## read and verify an emulated card
	@$(BIN)/ecid demo

test: $(DEV)  ## every test but the exhaustive ones
	$(BIN)/python -Im pytest -n $(WORKERS) -m "not deep"

check: $(DEV)  ## lint, types, layers and the quick tests: under two minutes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	ECID_HYPOTHESIS=quick $(BIN)/python -Im pytest -q -n $(WORKERS) -m "not slow and not deep"

deep: $(DEV)  ## the exhaustive tests
	$(BIN)/python -Im pytest -n $(WORKERS) -m deep

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(DEMO): $(VENV)/pyvenv.cfg pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

# pip learnt dependency groups in 25.1; older ones come with older Pythons.
$(DEV): $(VENV)/pyvenv.cfg pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . --group dev
	@touch $@ $(DEMO)

clean:
	rm -rf $(VENV) build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
