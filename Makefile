# The only front door. `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

.PHONY: help set-up run test check bench soak lock clean

help: ## what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

set-up: ## install what is missing: Debian packages, the virtual environment (every target does it by itself)
	@scripts/set-up

run: set-up ## the whole product on this machine: broker, centre, box, films; ONCE=1 ends after one session
	@$(PYTHON) -m scripts.demo.run $(if $(ONCE),--once)

test: set-up ## every test that needs no special hardware
	@$(PYTHON) -m pytest -n 3 --dist loadfile -m "not (soak or screen or system)"
	@$(PYTHON) -m pytest -m "screen and not soak" # these measure milliseconds: nothing runs beside them

check: set-up ## style, types, walls, units, licences, schema files
	@scripts/check

bench: set-up ## what was promised, measured; ID=start-lateness for one
	@$(PYTHON) -m tests.bench $(if $(ID),ID=$(ID))

soak: set-up ## the long forms, hours
	@$(PYTHON) -m pytest -m soak --timeout=0 -o addopts="-q --strict-markers --strict-config --import-mode=importlib"

lock: set-up ## pin the packages anew, with hashes
	@scripts/lock

clean: ## remove what was made here; the virtual environment stays
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
