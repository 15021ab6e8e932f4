# The only front door. `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
# Where it is set, each of the many processes that we start would compile all its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help set-up run desk test check bench soak image system-test hw overlays mcu lock clean

help: ## what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

set-up: ## install what is missing: Debian packages, the virtual environment (every target does it by itself)
	@scripts/set-up

run: set-up ## the whole product on this machine: broker, centre, box, films; ONCE=1 ends after one session
	@$(PYTHON) -m scripts.demo.run $(if $(ONCE),--once)

desk: set-up ## the box on one page of this machine: its TV, remote, button, sticks and plug, to try and to break; PORT=
	@$(PYTHON) -m scripts.desk.run $(if $(PORT),--port $(PORT))

test: set-up ## every test that needs no special hardware
	@scripts/test

check: set-up ## style, types, walls, units, licences, schema files
	@scripts/check

bench: set-up ## what was promised, measured; ID=start-lateness for one
	@$(PYTHON) -m tests.bench $(if $(ID),ID=$(ID))

soak: set-up ## the long forms, hours
	@$(PYTHON) -m pytest -m "soak and not system" --timeout=0 -o addopts="-q --strict-markers --strict-config --import-mode=importlib -p no:schemathesis"

image: ## the card image for the Raspberry Pi, into build/image (as root; 12 minutes cold, 2 warm)
	@scripts/set-up image
	@firmware/image/build

system-test: image ## boot the image in QEMU and look at its television; ALL=1 runs the long scenarios as well
	@$(PYTHON) -m pytest tests/image tests/system tests/power -m "system$(if $(ALL),, and not soak)" --timeout=1800

hw: set-up ## the carrier board: constants, overlays, netlist with its electrical rules, drawings, from the lists in hw/
	@scripts/hw

overlays: set-up ## the carrier board's overlays, compiled into build/device_tree
	@$(PYTHON) -m hw.overlays

mcu: ## the supervisor's firmware for the Pico, in build/mcu; needs a checkout of micropython-lib (MICROPYTHON_LIB=)
	@scripts/mcu

lock: set-up ## pin the packages anew, with hashes
	@scripts/lock

clean: ## remove what was made here; the virtual environment and the image's cache stay
	rm -rf $(filter-out build/image-cache,$(wildcard build/*)) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
