# The AICE analysis book: `make book` and `make test` set up everything they need.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
.DEFAULT_GOAL := help
.PHONY: help book test lab notebooks snapshots reference mutants requirements clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@echo "setting up $(VENV) (once; a few minutes)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

book: $(READY) ## Execute the notebooks and build the site
	@$(BIN)/aice build

test: $(READY) ## Run every check: ruff, pytest, nbval, the site, the browser
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m pytest --nbval --numprocesses auto --dist loadfile aice_helpers tests notebooks book

lab: $(READY) ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

notebooks: $(READY) ## Refresh the committed notebooks from the default cohort
	@$(BIN)/aice refresh

snapshots: $(READY) ## Rewrite the snapshots of result tables and shown texts
	@$(BIN)/python tests/snapshots.py

reference: $(READY) ## Rewrite the reference values (needs R with the survival package)
	@$(BIN)/python tests/reference/make_inputs.py _build/reference
	@Rscript tests/reference/make_reference.R _build/reference data/cohort.csv tests/reference
	@Rscript tests/reference/make_entry.R tests/reference
	@Rscript tests/reference/make_proportions.R tests/reference
	@Rscript tests/reference/make_conventions.R tests/reference

mutants: $(READY) ## Try a seeded sample of N (100) mutants of the statistics and views on the tests; it can be broken off
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --constraint requirements.txt --editable '.[mutants]'
	@nice $(BIN)/python tests/mutants.py --number $(or $(N),100)

requirements: $(READY) ## Pin requirements.txt anew from pyproject.toml
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --extra lab --extra test --universal --python-version 3.11 --no-annotate --custom-compile-command "make requirements" --quiet --upgrade -o requirements.txt

clean: ## Remove what was built, and nothing of yours
	@test ! -x $(BIN)/aice || $(BIN)/aice clean
	@rm -rf $(VENV)
