# The commands of the house. `make demo` and `make test` need Python 3.11+, make and the package registries, nothing else.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: test-unit help install demo test check test-browser lock docs clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# --no-deps: the lock is complete, and pip's own resolver stumbles over extras that a lock with hashes does not name.
.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Serap needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.installed requirements-dev.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: .venv/.installed  ## make .venv with .venv/bin/serap in it

demo: install  ## the whole system on this machine, with simulated citizens and agencies
	$(BIN)/serap demo

test: .venv/.dev  ## unit, contract, integration and fault tests on the embedded parts
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not browser" --cov --cov-report=term:skip-covered

test-unit: .venv/.dev  ## the pure parts: contracts, city pack, routing domain
	$(BIN)/pytest tests/unit

check: .venv/.dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-browser: .venv/.dev  ## every page in real Chromium (apt-get install chromium)
	@command -v chromium >/dev/null || { echo "test-browser needs Chromium on PATH. On Debian: apt-get install chromium"; exit 1; }
	$(BIN)/pytest -n 2 --dist loadfile -m browser

docs: .venv/.dev  ## write docs/asyncapi.json, docs/openapi/*.json and docs/schemas/*.json anew
	$(BIN)/serap docs

lock: .venv/.dev  ## pin the dependencies of pyproject.toml anew, with hashes and no addresses
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --universal --python-version 3.11 --extra dev pyproject.toml -o requirements-dev.lock

clean:  ## remove what was made here
	rm -rf .venv .serap build *.egg-info
