# Agency Portal: `make` lists the verbs. Needs python3 (3.11 or newer) and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test lint bench ci

help: ## List the verbs
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

install: $(VENV)/.tools ## Make .venv with the product and the tools to work on it

demo: $(VENV)/.product ## Play both sides on http://127.0.0.1:8000, nothing to set up
	@$(BIN)/python -m agencyportal.demo

test: $(VENV)/.tools ## Run the quick suite on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.ci test

lint: $(VENV)/.tools ## Check style, format and types
	@$(BIN)/python -m tests.ci lint

bench: $(VENV)/.tools ## Measure, print one table, and fail on a missed bound
	@$(BIN)/python -m tests.bench

ci: ## Run everything from an empty clone, nothing left out
	@$(PYTHON) -m tests.ci ci

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		f"Python 3.11 or newer is needed; $(PYTHON) is {v[0]}.{v[1]}. Try PYTHON=…")'
	@if command -v uv >/dev/null; then uv venv -q --allow-existing -p $(PYTHON) $(VENV); \
		else $(PYTHON) -m venv --without-pip $(VENV); fi

# pip is the one that came with python3: making a second one takes several seconds.
define fetch
	@echo "Installing $(1)"
	@if command -v uv >/dev/null; then uv pip install -q -p $(BIN)/python -r $(1); \
		else $(PYTHON) -m pip -q --python $(BIN)/python install -r $(1); fi
	@touch $@
endef

$(VENV)/.product: requirements.txt | $(BIN)/python
	$(call fetch,requirements.txt)

$(VENV)/.tools: requirements-dev.txt $(VENV)/.product
	$(call fetch,requirements-dev.txt)
