# The two commands are `make run` and `make test`; `make` alone lists the rest.
# Everything is installed into .venv from the hash-locked uv.lock; nothing else on the machine is touched.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run dev install install-dev test check lint format types coverage e2e contract faults soak bench migrate catalogue seed doctor build clean

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
CLI := $(PY) -m app.cli
PYTEST := $(PY) -m pytest
WORKERS ?= auto
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE  # without bytecode every process takes twice as long to start
export UV_PROJECT_ENVIRONMENT := $(VENV)

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  \033[36mmake %-11s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: install ## Install what is needed, then start everything on http://127.0.0.1:8400
	@exec $(CLI) up

dev: install-dev ## Like run, but code changes reload by themselves
	@exec $(CLI) dev

install: ## Create .venv and install the locked dependencies
	@.ci/install

install-dev: ## The same with the development tools
	@.ci/install --group dev

lint: install-dev ## Ruff and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

format: install-dev ## Let ruff mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: install-dev ## Pyright
	@$(BIN)/pyright

check: lint types ## Lint and types

test: install-dev ## Everything CI runs: lint, types and the whole test suite
	@.ci/test

coverage: install-dev ## What the tests below the browser cover
	@$(PYTEST) -q -n $(WORKERS) --cov --cov-report=term --ignore tests/e2e --ignore tests/faults \
		-k 'not ten_thousand and not hostile'  # time limits do not hold under measurement

e2e: install-dev ## Browser journeys
	@.ci/chromium
	@$(PYTEST) tests/e2e

EXAMPLES ?= 60
contract: install-dev ## Schemathesis over the whole API, with other examples every time (EXAMPLES=200 for more)
	@AF_CONTRACT_EXAMPLES=$(EXAMPLES) $(PYTEST) -n $(WORKERS) tests/attacks/test_contract.py

faults: install-dev ## Real workers killed, databases and Redis broken; then once more with everything delivered twice
	@$(PYTEST) tests/faults tests/jobs
	@AF_TEST_TWICE=1 $(PYTEST) tests/faults tests/jobs

MINUTES ?= 60
soak: install-dev ## Random faults on thousands of runs for an hour (MINUTES=5 for less)
	@$(PY) -m tests.soak --minutes $(MINUTES)

bench: ## Measure against the figures in docs/performance.md
	@.ci/install --group dev --group bench
	@$(PY) -m tests.bench

catalogue: install ## Rewrite the stored model catalogue from the installed price map
	@$(PY) -m app.adapters.catalogue_refresh

migrate: install ## Bring the database to the newest revision
	@$(CLI) migrate

build: install ## Build the interface
	@$(CLI) build

clean: ## Remove what was built; your data in .data stays
	@rm -rf .web .pytest_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage dist
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
