# make run | test | check | bench | ui | clean: each sets up .venv first, if it is not as envs/requirements.txt says.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test check bench ui clean

run: $(STAMP)  ## the default experiment, from scratch or from where it stopped
	snakemake --cores all
	@python -m threefactor summary

test: $(STAMP)  ## the tests
	pytest --numprocesses auto --dist loadfile

check: $(STAMP)  ## style, types, import order, workflow
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	snakefmt --check --line-length 110 Snakefile workflow/rules
	snakemake --lint

bench: $(STAMP)  ## ours beside its peers, on one core; then the figures and the table of the README
	$(BIN)/python -m pip install --quiet jax
	python -m benchmarks run --output results/benchmarks.json
	python -m benchmarks report --input results/benchmarks.json

ui: $(STAMP)  ## the record of runs, in a browser
	python -m threefactor ui

clean:  ## forget results and the record of runs; .venv stays
	rm -rf results mlruns mlflow.db mlflow.db-shm mlflow.db-wal mlflow.db.lock .snakemake

$(STAMP): pyproject.toml envs/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement envs/requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@
