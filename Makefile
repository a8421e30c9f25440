# Custos. Every target does its own set-up (scripts/setup.sh); what is there already is not fetched again.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test lint bench docs lock clean
ARGS ?=

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: ## the demo site, on http://127.0.0.1:8420 (ARGS="--port 9000": more arguments for `custos up --demo`)
	@scripts/setup.sh run
	@exec .venv/bin/custos up --demo $(ARGS)

test: ## every test (ARGS="-k zones": more arguments for pytest)
	@scripts/setup.sh test
	@$(if $(ARGS),true,npm --prefix console test --silent)
	@env -u PYTHONWARNINGS -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m pytest $(or $(ARGS),--numprocesses logical --maxprocesses 4)

lint: ## style, types, and the same for the console
	@scripts/setup.sh lint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	@# The console's checks stand beside mypy's, which leave all cores but one free.
	@npm --prefix console run --silent lint && npm --prefix console run --silent typecheck & console=$$!; \
	.venv/bin/mypy; types=$$?; wait $$console && exit $$types

bench: ## the benchmarks; their figures go to docs/
	@scripts/setup.sh test
	@shopt -s nullglob; for one in benchmarks/bench_*.py; do echo "$$one"; .venv/bin/python "$$one" $(ARGS) || exit 1; done

docs: ## write the pages that are made from the code
	@scripts/setup.sh lint
	@.venv/bin/python -m custos.cli.docs docs
	@.venv/bin/python scripts/draw_behaviours.py
	@npm --prefix console run --silent types

lock: ## resolve the Python dependencies anew (ARGS="--upgrade": to their newest versions)
	@scripts/lock.sh $(ARGS)

clean: ## remove everything that was fetched or built here; models and data stay
	rm -rf .venv .setup build console/node_modules console/dist tests/tfjs/node_modules artifacts test-results
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis src/*.egg-info
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
