# CAPE Kit: everything starts here. A machine needs CPython 3.11 or later, git and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AS_OF ?= extract
OUT ?= reports

.PHONY: setup report test cells deep viewers lint lab notebooks bench perturb fuzz kills lock clean

setup: $(VENV)/.installed

# The lock pins every package with its hashes; the kit itself is installed in place.
$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "CAPE Kit needs Python 3.11 or later; set PYTHON=… to one" >&2; exit 2; }
	@echo "Setting up in $(VENV): about a hundred packages, once; each is named as it comes."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Ready. For the cape-kit commands in this window: source $(BIN)/activate"

# The main job on the sample clients, each as of the day its files were exported.
report: setup
	$(BIN)/cape-kit batch data/sample --as-of $(AS_OF) --out $(OUT)

# Bytecode is kept between runs whatever the shell says: two workers and many child processes read it again.
test deep: export PYTHONDONTWRITEBYTECODE =

# Lint is one processor's work and the notebooks are the other's: side by side, before the long part.
test: setup viewers
	@$(MAKE) --no-print-directory -j 2 -O lint cells
	$(BIN)/python -m pytest -p no:nbval -n 2 --dist loadfile --no-loadscope-reorder

# The committed notebooks executed, every output held against the committed one.
cells: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --nbval notebooks/0*.ipynb

# The same tests with as many random examples and changed files as were ever thought useful.
deep: setup
	CAPE_KIT_TESTS=deep $(BIN)/python -m pytest -p no:nbval -n 2 --dist loadfile --no-loadscope-reorder

# Some tests look at the pages in a real browser, at the PDF's pages, at the workbook in a real spreadsheet. What is
# missing and may be installed, is; where it may not be, those tests say that they were skipped.
VIEWERS := chromium fonts-dejavu-core poppler-utils libreoffice-calc-nogui
viewers:
	@(for program in chromium pdftotext soffice; do command -v $$program >/dev/null || exit 1; done) \
		|| { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(VIEWERS) >/dev/null; } \
		|| echo "No Chromium, Poppler or LibreOffice here: the tests that need what is missing will be skipped." >&2

lint: setup
	$(BIN)/ruff format --check cape_kit tests
	$(BIN)/ruff check cape_kit tests
	$(BIN)/mypy

lab: setup
	$(BIN)/cape-kit lab $(CLIENT)

# The committed notebooks, executed anew with their outputs; read the difference before committing it.
notebooks: setup
	$(BIN)/python -m tests.refresh

# Speed, as ratios measured in one run; never part of the tests.
bench: setup
	$(BIN)/python -m tests.benchmarks

# The samples' files changed in every way people's files differ, against the truth: a table of wrong answers.
CASES ?= 20000
SEED ?= 1
perturb: setup
	$(BIN)/python -m tests.perturbation --cases $(CASES) --seed $(SEED)

# Hostile files and settings, each of which must end in an answer or in one sentence; JOBS at once, for hours.
JOBS ?= 2
fuzz: setup
	$(BIN)/python -m tests.fuzz --cases $(CASES) --seed $(SEED) --jobs $(JOBS)

# Commands killed at random moments: nothing half-written, nothing lost or doubled, nothing left behind.
KILLS ?= 200
kills: setup
	$(BIN)/python -m tests.fuzz.kills --kills $(KILLS) --seed $(SEED)

# `make lock` after a change of the dependencies in pyproject.toml.
lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
