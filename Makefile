# All commands of the project; `make` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
BIN := .venv/bin

PORT ?= 8000
HOST ?= 127.0.0.1
ALLOW_REMOTE ?=
SAMPLE ?= yes
# yes: make serve prints a line for each request
REQUESTS ?=
DATABASE_URL ?=
JWT_SECRET ?=
ROLE ?=
SUB ?=
CLAIMS ?=
SECONDS ?= 3600
# The API of make types, and what it signs in with.
API_URL ?=
TOKEN ?=
SIGN ?=
SCHEMA ?=
# Unexpanded, because a password may contain a dollar sign.
override DATABASE_URL := $(value DATABASE_URL)
override JWT_SECRET := $(value JWT_SECRET)
override CLAIMS := $(value CLAIMS)
export PORT HOST DATABASE_URL JWT_SECRET ROLE SUB CLAIMS SECONDS API_URL TOKEN SCHEMA
# Options for pytest, as in: make test ARGS="-k world"
ARGS ?=
# Tests run in an order that is new each time; a run ends with its number, which repeats it: make test SEED=123
SEED ?=

# Minutes of make soak and of make fuzz.
MINUTES ?= 30

.PHONY: help setup serve token types test check format browse bundle bench rehearse load soak fuzz mutants clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: .venv/.stamp-dev ## create the virtual environment for the project and its tests

serve: .venv/.stamp-serve ## serve the API locally over a sample database; options PORT, HOST, DATABASE_URL, SAMPLE=no, REQUESTS=yes, JWT_SECRET
	@exec $(BIN)/python -m local.serve --port "$$PORT" --host "$$HOST" \
		$(if $(ALLOW_REMOTE),--allow-remote) $(if $(filter no,$(SAMPLE)),--no-sample) \
		$(if $(filter yes,$(REQUESTS)),--requests)

token: .venv/.stamp-serve ## print a token for make serve; options ROLE, SUB, CLAIMS (JSON), SECONDS, JWT_SECRET
	@exec $(BIN)/python -m local.tokens --role "$$ROLE" --sub "$$SUB" --claims "$$CLAIMS" --seconds "$$SECONDS"

types: .venv/.stamp-serve ## print the TypeScript types of an API; options API_URL (default: make serve), TOKEN, SIGN=yes, SCHEMA
	@exec $(BIN)/python -m local.types --url "$$API_URL" --schema "$$SCHEMA" $(if $(SIGN),--sign)

test: .venv/.stamp-dev .cache/.stamp-tools .cache/.stamp-clients .venv-checkov/.stamp ## install what the tests need (database servers included), run the checks and all tests
	@$(MAKE) check
	@echo '==> pytest'
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(if $(SEED),--randomly-seed=$(SEED)) $(ARGS)

check: .venv/.stamp-dev ## check format, lint and types
	@failed=; \
	run() { echo "==> $$*"; "$(BIN)/$$@" || failed="$$failed $$1"; }; \
	run ruff format --check .; \
	run ruff check --quiet .; \
	run mypy --strict; \
	run basedpyright; \
	test -z "$$failed" || { echo "make check failed:$$failed" >&2; exit 1; }

format: .venv/.stamp-dev ## format the code and apply the linter's safe fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

browse: .cache/.stamp-clients ## build the files of the page at /browse from the folder browse
	@$(BIN)/python -m tests.e2e.packages build

bundle: .venv/.stamp-serve ## build the archive that Lambda runs
	@$(BIN)/python -m infra.bundle $(ARGS)

bench: .venv/.stamp-dev .cache/.stamp-tools .cache/.stamp-bench ## compare the speed of the API with the bare driver
	@$(BIN)/python -m bench $(ARGS)

rehearse: .venv/.stamp-dev ## deploy, change and destroy stacks with the real Pulumi CLI, without AWS; options in ARGS
	@$(BIN)/python -m rehearse $(ARGS)

load: .venv/.stamp-dev .cache/.stamp-tools ## 100 execution environments on 10 database connections: 20,000 requests of every kind
	@$(BIN)/python -m tests.load $(ARGS)

soak: .venv/.stamp-dev .cache/.stamp-tools ## a long run in which nothing may grow; option MINUTES=30
	@SOAK_MINUTES="$(MINUTES)" $(BIN)/python -m pytest tests/load/test_soak.py -n 0 $(ARGS)

fuzz: .venv/.stamp-dev .cache/.stamp-tools ## random requests compared with a model, on both servers; options MINUTES=30, ARGS
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(ARGS)

mutants: .venv/.stamp-dev .cache/.stamp-tools .cache/.stamp-mutants ## put faults into the API to see which the tests notice; options in ARGS
	@$(BIN)/python -m mutants $(ARGS)

clean: ## remove everything these commands created, the sample database included
	rm -rf .venv .venv-* .cache .aurorest build tests/e2e/node_modules browse/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than the files it depends on, so that a second run has nothing to do.
.venv/.stamp-serve: local/requirements.txt api/requirements.txt
	@$(PYTHON) -m local.bootstrap local/requirements.txt
	@touch $@

.venv/.stamp-dev: requirements-dev.txt requirements.txt local/requirements.txt api/requirements.txt
	@$(PYTHON) -m local.bootstrap requirements-dev.txt
	@touch .venv/.stamp-serve $@

# Checkov pins older versions of what the stack needs, so it has a separate environment.
.venv-checkov/.stamp: tests/infra/proofs/requirements.txt .venv/.stamp-dev
	@echo '==> installing $<'
	@$(BIN)/python -m venv --clear .venv-checkov
	@.venv-checkov/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.cache/.stamp-tools: local/tools.py local/packages.py .venv/.stamp-dev
	@$(BIN)/python -m local.tools
	@touch $@

.cache/.stamp-clients: tests/e2e/package-lock.json browse/package-lock.json .venv/.stamp-dev
	@mkdir -p .cache
	@$(BIN)/python -m tests.e2e.packages
	@touch $@

.cache/.stamp-bench: bench/requirements.txt .venv/.stamp-dev
	@mkdir -p .cache
	@$(BIN)/python -m bench.install
	@touch $@

.cache/.stamp-mutants: mutants/requirements.txt .venv/.stamp-dev
	@mkdir -p .cache
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
