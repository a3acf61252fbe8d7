# The whole developer interface. Every target sets up what it needs; `make demo` and `make test`
# work on a fresh machine with Python 3.11 or newer, git and make.

VENV    ?= .venv
WORKERS ?= 2

PYTHON  ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)

# Windows puts the programs of a virtual environment elsewhere.
BIN  := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
DEMO := $(VENV)/.demo-ready
DEV  := $(VENV)/.dev-ready
PIP  := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Readers need pyscard, and pyscard needs these headers where it has no wheel.
PCSC = $(if $(wildcard /usr/include/PCSC/winscard.h),[pcsc])

.PHONY: demo test check deep hostile mutants fuzz soak bench docs fresh clean

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

hostile: $(DEV)  ## forged, broken and tampered-with cards, and the table of what they came to
	$(BIN)/python -Im pytest tests/hostile -n $(WORKERS) -q

fresh:  ## both commands of the README in a minimal Debian root; needs root and debootstrap
	tests/fresh/debian

$(DEMO): pyproject.toml
	@tests/fresh/system demo "$(PYTHON)"
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(PIP) -e .
	@touch $@

$(DEV): pyproject.toml tests/fresh/system
	@tests/fresh/system test "$(PYTHON)"
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade "pip>=25.1"  # older ones do not know dependency groups
	@$(PIP) -e ".$(PCSC)" --group dev
	@touch $@ $(DEMO)

clean:
	rm -rf $(VENV) build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
