# make install | run | test | check | generate | docs | bench | ui | clean: each sets up .venv first, if it is not as envs/requirements.txt says.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.stamp
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: install run test check generate docs bench ui clean

install: $(STAMP)  ## install into .venv

run: $(STAMP)  ## run the default experiment, or continue it
	@snakemake --cores all --logger threefactor
	@snakemake --report results/report.html --quiet all
	@python -m threefactor summary

test: $(STAMP)  ## run the tests
	pytest --numprocesses auto --dist loadfile

check: $(STAMP)  ## check style, types, imports, dead code and workflow
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	vulture
	snakefmt --check --line-length 110 Snakefile workflow/rules
	snakemake --lint

generate: $(STAMP)  ## write what follows from declarations: rules of the workflow, reference pages, schema of settings
	python -m threefactor.pipeline.workflow
	python -m threefactor.pipeline.settings.reference
	python -m threefactor.pipeline.reference

docs: $(STAMP)  ## write the documentation as a site, site/index.html; a broken link fails
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet

bench: $(STAMP)  ## measure speed beside other implementations, on one core; write docs/results/speed.md
	$(BIN)/python -m pip install --quiet jax
	python -m benchmarks run --output results/benchmarks.json
	python -m benchmarks report --input results/benchmarks.json

ui: $(STAMP)  ## show MLflow's runs in a browser
	python -m threefactor ui

clean:  ## delete results and MLflow's runs; .venv stays
	rm -rf results mlruns mlflow.db mlflow.db-shm mlflow.db-wal mlflow.db.lock .snakemake

$(STAMP): pyproject.toml envs/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --requirement envs/requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@
