# Everything that a newcomer, a contributor and CI do. Each target installs what it needs into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: digits help test proof check docs screenshots bench clean

digits: $(VENV)/.digits             ## train on real digits and show what came of it
	$(BIN)/chainrule train digits

help:                               ## these targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 13

test: $(VENV)/.test                 ## the test suite, long proofs sampled
	$(BIN)/python -m pytest

proof: $(VENV)/.test                ## the long proofs in full
	$(BIN)/python -m pytest --proof tests

check: $(VENV)/.test $(VENV)/.lint  ## style, types and the order of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.docs                 ## the documentation, as HTML in docs/_build
	$(MAKE) -C docs html SPHINXBUILD=$(abspath $(BIN))/sphinx-build

screenshots: $(VENV)/.test          ## the pictures of pages in the documentation; needs Chromium
	$(BIN)/python -m docs.screenshots

bench: $(VENV)/.bench               ## speed beside scikit-learn, PyTorch, JAX and ONNX Runtime; about 10 minutes
	$(BIN)/python -m benchmarks

clean:                              ## take away what the others made
	rm -rf $(VENV) docs/_build build dist

$(BIN)/pip:
	@echo 'making an environment in $(VENV)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.digits: $(BIN)/pip pyproject.toml
	@echo 'installing chainrule and what it needs into $(VENV); this takes a minute'
	$(BIN)/pip install --quiet --editable '.[cli,sklearn]'
	@touch $@

# NUMPY pins a version, for an environment of its own: make test VENV=.venv-oldest NUMPY='numpy==2.0.*'
$(VENV)/.test: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[all]' --group test $(NUMPY)
	@touch $@ $(VENV)/.digits

$(VENV)/.lint $(VENV)/.docs $(VENV)/.bench: $(VENV)/.%: $(BIN)/pip pyproject.toml
	$(BIN)/pip install --quiet --editable '.[all]' --group $*
	@touch $@
