# The vocabulary of the project; `make help` says what each word does.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SOURCES := iml_robot envs/iml_robot_envs scripts tests
# All tests of a file in one process: what they share is made once. In the order of
# tests/conftest.py, which begins with the longest.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help install run test test-fast test-envs check format build clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## virtual environment in .venv, versions from requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Python 3.11 or newer is needed, $(PYTHON) is older; try: make PYTHON=python3.11 install" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m iml_robot_envs.warm_up
	@touch $@

run: $(STAMP) ## watch a rover, correct it, and see what was gained
	$(BIN)/iml-robot run quickstart

test: $(STAMP) ## all tests; some open a window on a virtual display (Xvfb, xdotool)
	$(PYTEST)

test-fast: $(STAMP) ## tests without whole runs, windows, learning and long drives
	$(PYTEST) -m "not slow and not learning and not window and not build" \
	  --ignore=tests/run --ignore=tests/learning --ignore=tests/docs --ignore=tests/study

test-envs: ## tests of the robots' environments alone, on the newest Gymnasium
	$(PYTHON) scripts/test_envs_alone.py

check: $(STAMP) ## format, lint, types, import contracts; changes nothing
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## put the source into shape
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

build: $(STAMP) ## the wheel, installed and tried in an empty environment
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist
	$(BIN)/python scripts/check_wheel.py dist/*.whl

clean: ## remove everything that these targets made
	rm -rf $(VENV) .venv-envs dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
