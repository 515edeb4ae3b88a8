# pipelinelab from nothing: each target makes .venv, installs, and sees to a Docker engine and the lab's images itself.
# What is there already is not made again. `make` alone lists the targets.

PY := .venv/bin/python
LAB := .venv/bin/pipelinelab
PYTEST := $(PY) -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test test-full lab notebooks screenshot bench lint clean venv venv-test engine

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

demo: venv ## replay the founding pipeline, red and then green (from a recording where no engine can be had)
	@echo "==> looking for a Docker engine and the lab's images"
	@$(LAB) doctor --fix || echo "==> no engine to be had here: the recording is shown instead"
	@echo "==> replaying the founding pipeline"
	@$(LAB) demo

test: venv-test engine ## run the test suite with all its own set-up
	@echo "==> running the tests"
	@$(PYTEST) -m "not full"

test-full: venv-test engine ## run what is long too: soak, faults, benches
	@echo "==> running all tests, the long ones too"
	@$(PYTEST)

lab: venv ## open JupyterLab on the first notebook
	@$(LAB) doctor --fix || echo "==> no engine to be had here: the notebooks play their recordings"
	@echo "==> opening JupyterLab on notebooks/00-start.ipynb"
	@.venv/bin/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/00-start.ipynb

notebooks: venv-test ## run every notebook live and from the recording, and store recordings and outputs anew (needs Docker)
	@$(LAB) doctor --fix
	@echo "==> running the notebooks"
	@$(PY) tools/notebooks.py

screenshot: venv-test ## take the README's picture anew, in headless Chromium
	@echo "==> opening JupyterLab in headless Chromium"
	@PIPELINELAB_ENGINE=recorded $(PY) tools/browser.py 00-start --screenshot notebooks/screenshot.png > build/screenshot.json

bench: venv-test engine ## measure what the lab promises: start, images, service, second run
	@echo "==> measuring"
	@$(PY) tools/bench.py
	@$(PY) -m bench

lint: venv-test ## ruff and mypy --strict
	@echo "==> ruff and mypy"
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

clean: ## remove the lab's containers, .venv and all caches; the images stay (pipelinelab images remove)
	@if [ -x $(LAB) ]; then $(LAB) clean || :; fi
	@echo "==> removing .venv and caches"
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@tools/bootstrap.sh notebooks

venv-test:
	@tools/bootstrap.sh notebooks test dask

# Without an engine the live tests are skipped. A developer may want the rest; CI must not pass without them.
engine:
	@echo "==> looking for a Docker engine and the lab's images"
	@$(LAB) doctor --fix || [ -z "$$CI" ] || exit 3
