# Two commands do all the set-up on a fresh machine with git, make and Python 3.11+: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A process for each core, each with whole files of tests: what a file sets up is set up once.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile
STAMP := $(VENV)/.installed
STORE ?= .run/store
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: engines run test test-long check docs bench answer clean
.DEFAULT_GOAL := help

help:
	@echo "make run        set up, import examples/, print the headline answer, serve http://$(HOST):$(PORT)"
	@echo "make answer     the same without the server"
	@echo "make test       ruff, mypy --strict and the tests (under 20 minutes on 2 cores)"
	@echo "make test-long  the long campaigns (under 60 minutes)"
	@echo "make engines    install Virtuoso, nginx, strace and wrk by apt-get, for the tests and benches that need them"
	@echo "make check      ruff, mypy --strict and the quick tests"
	@echo "make docs       write the generated pages of docs/ again"
	@echo "make bench      the benchmarks: ratios, both sides in one run"

# The lock holds every package with its hashes, the language model included; nothing is fetched at run time.
$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; PYTHON=python3.12 make … names another") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

answer: $(STAMP)
	@mkdir -p $(dir $(STORE))
	$(BIN)/kg import examples/articles --store $(STORE)
	@echo
	$(BIN)/kg headline --store $(STORE)

run: answer
	@echo
	@echo "The page: http://$(HOST):$(PORT)/   GraphQL: /graphql   SPARQL: /sparql   (Ctrl-C stops the server)"
	$(BIN)/kg serve --store $(STORE) --host $(HOST) --port $(PORT)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint
	$(PYTEST) -q -m "not long and not slow"

# What make test-long and make bench run against and pip can't install: Virtuoso, nginx, wrk (needs root; what needs
# them is left out without).
engines:
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends virtuoso-opensource-7-bin nginx-light openssl strace wrk

test: lint
	$(PYTEST) -m "not long"

test-long: lint
	$(PYTEST)

docs: $(STAMP)
	$(BIN)/python docs/generate.py

bench: $(STAMP)
	for script in bench/[a-z]*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) .run dist build .pytest_cache .mypy_cache .ruff_cache
