# The whole developer interface. Every target sets up what it needs; `make demo` and `make test`
# work on a fresh machine with Python 3.11 or newer, git and make.

VENV    ?= .venv
WORKERS ?= 2
SECONDS ?= 60
CARDS   ?= 2000

PYTHON  ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)

# Windows puts the programs of a virtual environment elsewhere.
BIN  := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
DEMO := $(VENV)/.demo-ready
DEV  := $(VENV)/.dev-ready
FUZZ := $(VENV)/.fuzz-ready
PIP  := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Readers need pyscard, and pyscard needs these headers where it has no wheel. Asked in the shell,
# since make would look before the recipe has installed them.
PCSC := $$(if test -e /usr/include/PCSC/winscard.h; then echo '[pcsc]'; fi)

# A half-made environment is no environment.
ENVIRONMENT = $(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }

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

mutants: $(DEV)  ## take one check away after another: a test must notice each
	$(BIN)/python -m tests.mutants.run

fuzz: $(FUZZ)  ## every parser and the whole reader, SECONDS=60 each, two at a time
	$(BIN)/python -m tests.fuzz.run $(SECONDS)

soak: $(DEV)  ## CARDS=2000 good, faulty and torn cards in one process
	$(BIN)/python -m tests.soak.run $(CARDS)

bench: $(DEV)  ## what things cost on this machine
	$(BIN)/python -m tests.benchmarks.run

docs: $(DEV)  ## write the references of command line and interop again, and run every example
	$(BIN)/python -m tests.docs.test_cli_reference
	$(BIN)/python -m tests.interop.test_page
	$(BIN)/python -Im pytest -q tests/docs

fresh:  ## both commands of the README in a minimal Debian root; needs root and debootstrap
	tests/fresh/debian

$(DEMO): pyproject.toml
	@tests/fresh/system demo "$(PYTHON)"
	@$(ENVIRONMENT)
	@$(PIP) -e .
	@touch $@

$(DEV): pyproject.toml tests/fresh/system
	@tests/fresh/system test "$(PYTHON)"
	@$(ENVIRONMENT)
	@$(PIP) --upgrade "pip>=25.1"  # older ones do not know dependency groups
	@$(PIP) -e ".$(PCSC)" --group dev
	@touch $@ $(DEMO)

$(FUZZ): $(DEV)
	@$(PIP) --group fuzz
	@touch $@

clean:
	rm -rf $(VENV) build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
