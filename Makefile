# On a fresh machine: `make demo`, then `make test`. They need python3.11 or newer with pip, and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK   := uv pip compile --quiet --universal -p 3.11 --generate-hashes --no-strip-extras --no-annotate \
          --no-header --no-emit-index-url --no-emit-find-links
PEERS  := tests/benchmarks/peers

# Where somebody has set it, each of the many processes of the tests would compile all that it imports anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint mutants fuzz bench scale timing screenshots check lock clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.run  ## issue a token, revoke it, show that it is dead
	$(BIN)/rescind demo $(ARGS)

test: $(VENV)/.node  ## every test, on SQLite and PostgreSQL, in a real browser too
	$(BIN)/python -m pytest

lint: $(VENV)/.dev  ## format, style, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

mutants: $(VENV)/.dev  ## plant faults in copies of the tree and see the tests fail
	$(BIN)/python -m tests.mutants $(ARGS)

fuzz: $(VENV)/.dev  ## the short fuzzing of the tests, at length
	FUZZ_EXAMPLES=1000 $(BIN)/python -m pytest --timeout=3600 tests/web/endpoints/test_openapi.py

# The package with PostgreSQL falls back by itself where there is no runtime folder.
BENCHMARK = $(BIN)/python -W "ignore:XDG_RUNTIME_DIR" -m tests.benchmarks

# The first run installs the peers into build/peers; ARGS="--no-peers" goes without. ARGS="--profile revoke" tells
# where the time of a request goes, ARGS="--help" the rest.
bench: $(VENV)/.dev  ## requests a second and CPU a request, beside a bare Flask and three peers
	$(BENCHMARK).throughput $(ARGS)

scale: $(VENV)/.dev  ## purge ten million rows of ten thousand tenants beside traffic; ARGS="--help" says how to have less
	$(BENCHMARK).scale $(ARGS)

timing: $(VENV)/.dev  ## does the time or the text of an answer tell whether a token is there?
	$(BENCHMARK).timing $(ARGS)

screenshots: $(VENV)/.node  ## every page as a phone and a desktop show it, into build/screenshots
	$(BIN)/python -W "ignore:XDG_RUNTIME_DIR" -m tests.browsers.screenshots $(ARGS)

# Separate calls, so that `make -j check` keeps the order too.
check:  ## lint, then the tests, then some of the mutants
	@$(MAKE) lint
	@$(MAKE) test
	@$(MAKE) mutants ARGS="--share 20"

lock: $(VENV)/.dev  ## renew the lock files (the only target that needs uv)
	$(LOCK) pyproject.toml --upgrade --all-extras -o requirements-dev.lock
	$(LOCK) pyproject.toml --extra server --extra postgres --extra build -c requirements-dev.lock -o requirements.lock
	$(LOCK) $(PEERS)/requirements.in --upgrade -c requirements-dev.lock -o $(PEERS)/requirements.txt
	$(BIN)/python -m tests.node_packages lock

clean:  ## remove the environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find app migrations tests -type d -name __pycache__ -prune -exec rm -rf {} +

# Debian's python3 has no ensurepip unless python3-venv is installed; its pip can fill an empty environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("make PYTHON=python3.11 (or newer)" if sys.version_info < (3, 11) else 0)'
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	else $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; fi

$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-index --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Node, which the line above installed, gets the clients that the tests drive, and a Chromium.
$(VENV)/.node: tests/node/package.json tests/node/package-lock.json tests/node/chromium.mjs $(VENV)/.dev
	$(BIN)/python -m tests.node_packages
	@touch $@
