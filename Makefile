# Everything here uses relative paths: the checkout may lie in a folder with spaces or Chinese
# characters. `make help` lists the targets; settings are given as NAME=value on the command line.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
# Further options for every pip call, for example PIP_ARGS="--index-url ... --cert ...".
PIP_ARGS ?=
# A package index that has PyTorch's CPU build, where pip's usual one has only the CUDA build.
TORCH_INDEX ?=
# Where `make offline` writes.
OFFLINE ?= offline
# Further options for pytest, for example TESTS="tests/dicom -x".
TESTS ?=

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
INSTALL := "$(PYTHON)" tools/install.py --torch-index "$(TORCH_INDEX)" --pip-args "$(PIP_ARGS)"

.DEFAULT_GOAL := help
.PHONY: help python-found install dev demo test lint format types imports check offline sbom audit-deps \
	benchmarks fuzz lock readme clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

python-found:
	@test -n "$(PYTHON)" || { echo "Python 3.11 was not found. Install it, or name it: make demo PYTHON=/path/to/python3.11" >&2; exit 1; }

install: python-found ## install MediAssist into .venv at the locked versions
	@$(INSTALL)

dev: python-found ## the same with the tools for tests and checks
	@$(INSTALL) --dev

demo: install ## analyse the simulated studies and print each verdict beside the truth
	@$(BIN)/mediassist demo

test: dev ## run every test
	@$(BIN)/python -m pytest $(TESTS)

lint: dev ## ruff: rules and format
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

format: dev ## let ruff write the format
	@$(BIN)/python -m ruff format .

types: dev ## mypy, strict on all but the window
	@$(BIN)/python -m mypy

imports: dev ## import-linter: the rules of the architecture
	@$(BIN)/lint-imports

check: lint types imports test ## all of the above

offline: dev ## a folder that installs MediAssist without any network
	@$(BIN)/python -m tools.offline "$(OFFLINE)"

sbom: dev ## list of all parts (CycloneDX) in sbom.cdx.json
	@$(BIN)/python -m tools.sbom sbom.cdx.json

audit-deps: dev ## look the pinned versions up in an advisory database (needs network)
	@$(BIN)/python -m tools.audit_dependencies

benchmarks: dev ## print the measured times
	@$(BIN)/python -m benchmarks.startup
	@$(BIN)/python -m benchmarks.radiograph

fuzz: dev ## feed the DICOM reader changed files for five minutes (Linux; needs network once)
	@$(BIN)/python -m pip install --quiet $(PIP_ARGS) "atheris>=2.3"
	@$(BIN)/python -m tools.fuzz -max_total_time=300

lock: dev ## pin again after a change of pyproject.toml
	@$(BIN)/python -m tools.lock

readme: dev ## write the bundles' figures into README.md, the third parties into NOTICE
	@$(BIN)/python -m tools.readme_figures
	@$(BIN)/python -m tools.third_parties

clean: ## remove what was made, the virtual environment too
	rm -rf .venv build dist *.egg-info demo_output "$(OFFLINE)" sbom.cdx.json
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .cache
