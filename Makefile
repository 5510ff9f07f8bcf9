# Two commands need only git, make, Python 3.11+, Node.js and npm: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-all coverage bench docs lint format lock clean

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --require-hashes --no-deps --only-binary :all: -r requirements/dev.txt
	$(BIN)/python -m pip install -qq --no-build-isolation --no-deps --editable .
	touch $@

# The main job on real packages, then six attacks that are refused.
demo: $(VENV)/.ready
	$(BIN)/python -m demo

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not full"

# Everything, with nothing skipped that tests/allowed_skips.txt does not name.
test-all: lint coverage

coverage: $(VENV)/.ready
	$(BIN)/coverage erase
	ASSAY_TEST_ALL=1 $(BIN)/coverage run -m pytest -n 2 --dist loadgroup
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks --write

# docs/reference.md, from the code.
docs: $(VENV)/.ready
	$(BIN)/python docs/generate.py

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.ready
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev --universal --generate-hashes \
		--python-version 3.11 --no-header --no-annotate --quiet --output-file requirements/dev.txt

clean:
	rm -rf $(VENV) dist
