# Wiki-C: `make demo` shows it, `make test` tests it, `make check` does all that CI does.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo install test lint format types contracts check clean

VENV := .venv
BIN := $(VENV)/bin
PORT ?=
PYTEST_ARGS ?=
# Files are shared out among so many processes, each with engines of its own.
PYTEST_WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.run ## A throw-away store with sample data and the site (PORT=N to choose the port)
	@exec $(BIN)/wikic demo $(if $(PORT),--port $(PORT))

install: $(VENV)/.run ## The virtual environment with `wikic` in it (.venv/bin/wikic)
	@echo "Installed: $(BIN)/wikic"

# The tests start hundreds of processes: where the environment forbids to keep bytecode, each would compile everything again.
test: $(VENV)/.dev ## All tests (PYTEST_ARGS="-k word" to choose some)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: $(VENV)/.dev ## ruff
	@$(BIN)/ruff check .

format: $(VENV)/.dev ## Let ruff mend what it can
	@$(BIN)/ruff check --fix .

types: $(VENV)/.dev ## mypy, strict
	@$(BIN)/mypy

contracts: $(VENV)/.dev ## Who may import whom (import-linter)
	@out=$$($(BIN)/lint-imports --no-cache 2>&1) && echo "$$out" | tail -n 1 || { echo "$$out" | grep -v '[╔╚║╣╩]'; exit 1; }

check: lint types contracts test ## Everything

clean: ## Remove the virtual environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache build *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that is new enough and can make virtual environments; being on the PATH is not enough (shims).
$(BIN)/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python3.14; do \
	  $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  echo "Making $(VENV) with $$($$python --version)"; \
	  exec $$python -m venv --clear $(VENV); \
	done; \
	echo "Wiki-C needs Python 3.11 or later with its venv module, and found none." >&2; \
	echo "On Debian or Ubuntu: apt-get install python3 python3-venv; or name one: make PYTHON=/path/to/python3 ..." >&2; \
	exit 1

# One that was made here by this file, but whose folder has moved or whose Python is gone, is made anew.
ifneq ($(wildcard $(VENV)/.run),)
ifneq ($(shell $(BIN)/python -c 'print(open("$(VENV)/.run").read().strip())' 2>/dev/null),$(CURDIR))
$(shell rm -rf $(VENV))
endif
endif

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Wiki-C (first time: some 100 MB)"
	@$(PIP) install --constraint constraints.txt --editable .
	@echo '$(CURDIR)' >$@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Wiki-C and its test tools (first time: some 150 MB)"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@echo '$(CURDIR)' >$(VENV)/.run
	@touch $@
