# Two commands: `make run` and `make test`. Each makes its own environment in .venv from the locked lists.
# Python 3.11 or newer and make are all that is needed; PYTHON=python3.12 chooses another interpreter.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
SETUP := UV_LINK_MODE=copy $(BIN)/uv pip

.DEFAULT_GOAL := help
.PHONY: help run test quick lint types docs dashboard lock clean bench

help:
	@echo "make run        the main job on data/: intake, appraisal, adoption, release"
	@echo "make test       everything CI checks: linters, types, layers, all tests"
	@echo "make quick      the everyday tests"
	@echo "make dashboard  the dashboard on this machine"
	@echo "make docs       write the generated pages of docs/"
	@echo "make lock       resolve the dependencies anew"

$(BIN)/uv: requirements/bootstrap.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

$(VENV)/.run: $(BIN)/uv requirements/run.txt pyproject.toml
	@test -f $(VENV)/.dev || $(SETUP) install --quiet --compile-bytecode --require-hashes -r requirements/run.txt
	@test -f $(VENV)/.dev || $(SETUP) install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/uv requirements/dev.txt pyproject.toml
	$(SETUP) install --quiet --compile-bytecode --require-hashes -r requirements/dev.txt
	$(SETUP) install --quiet --no-deps --editable .
	@touch $@

run: $(VENV)/.run
	$(BIN)/factordb run

dashboard: $(VENV)/.run
	$(BIN)/factordb dashboard --auth dev

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

quick: $(VENV)/.dev
	$(BIN)/pytest -m "not slow and not browser" -n 2

test: lint types
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

docs: $(VENV)/.dev
	$(BIN)/python -m factordb.docs

lock: $(BIN)/uv
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-annotate --no-header \
	  --python-version 3.11 --universal --upgrade -o requirements/dev.txt --quiet
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --no-annotate --no-header \
	  --python-version 3.11 --universal -c requirements/dev.txt -o requirements/run.txt --quiet

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/main_job.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
