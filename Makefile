# Kepuxing. `make` alone lists what can be done here.
# Needs Python 3.11 or newer, make and a network; everything else is installed under .venv and node_modules.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# The first Python on this machine that is new enough.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

venv := .venv
bin := $(venv)/bin
py := $(bin)/python
flask := $(bin)/flask --app wsgi
node_path := PATH="$(CURDIR)/$(bin):$$PATH"
catalog := webapp/translations/en/LC_MESSAGES/messages
sources := webapp migrations tests wsgi.py
pytest := $(py) -m pytest
uv_compile := $(bin)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --no-strip-extras
# The locks are complete, so nothing is left to choose. (Older pips would take the newest of what another package wants
# with an extra, and then refuse it, for the lock names another.)
install := install --quiet --disable-pip-version-check --require-hashes --no-deps

# A stamp file in .venv says that a step was done with the files it depends on; a second run is instant.
python_ready := $(venv)/.python-ready
front_end_ready := $(venv)/.front-end-ready
tests_ready := $(venv)/.tests-ready

.PHONY: help
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------------------------------------- preparation

$(python_ready): requirements.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or say: make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(py) && $(py) -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(venv) || { \
		echo "A virtual environment could not be made (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	$(py) -m pip $(install) -r requirements.txt
	@touch $@

$(front_end_ready): $(python_ready) package-lock.json package.json .npmrc Makefile
	$(node_path) npm ci --ignore-scripts --loglevel=error
	@rm -rf static/vendor && mkdir -p static/vendor
	cp node_modules/bootstrap/dist/css/bootstrap.min.css node_modules/bootstrap/dist/css/bootstrap.min.css.map static/vendor/
	cp node_modules/htmx.org/dist/htmx.min.js static/vendor/
	cp node_modules/idb/build/index.js static/vendor/idb.js
	cp node_modules/qrcode-generator/dist/qrcode.mjs static/vendor/qrcode.js
	cp node_modules/jsqr/dist/jsQR.js static/vendor/jsqr.js
	cp node_modules/zxing-wasm/dist/iife/reader/index.js static/vendor/zxing_reader.js
	cp node_modules/zxing-wasm/dist/reader/zxing_reader.wasm static/vendor/
	$(py) -m whitenoise.compress --quiet --no-brotli static/vendor
	@touch $@

$(catalog).mo: $(catalog).po $(python_ready)
	@$(bin)/pybabel --quiet compile --domain messages --directory webapp/translations

$(tests_ready): $(python_ready) tests/requirements.txt
	$(py) -m pip $(install) -r tests/requirements.txt
	@touch $@

.PHONY: setup
setup: $(python_ready) $(front_end_ready) $(catalog).mo ## install the locked Python and front-end packages

.PHONY: setup-tests
setup-tests: setup $(tests_ready)

.PHONY: lock
lock: $(python_ready) ## renew requirements.txt and tests/requirements.txt from pyproject.toml
	$(py) -m pip install --quiet --disable-pip-version-check uv
	$(uv_compile) --upgrade pyproject.toml -o requirements.txt
	$(uv_compile) --upgrade -c requirements.txt --group dev -o tests/requirements.txt

# -------------------------------------------------------------------------------------------------- running

# Demonstration data goes into an empty database, unless others can reach the server (see KEPU_DEMO in the README).
ifneq ($(filter 127.0.0.1 ::1 localhost,$(or $(HOST),127.0.0.1)),)
run: export KEPU_DEMO ?= 1
endif

.PHONY: run
run: setup ## prepare, then serve (HOST, PORT, DATA_DIR, DATABASE_URL … in the environment)
	@exec $(flask) serve

.PHONY: db-upgrade
db-upgrade: setup ## bring the database to the newest migration
	$(flask) db upgrade

.PHONY: db-revision
db-revision: setup ## draft a migration from the models: make db-revision m="why"
	@test -n "$(m)" || { echo 'Say what it is for: make db-revision m="positions get a minimum age"'; exit 1; }
	$(flask) db revision "$(m)"

.PHONY: seed
seed: db-upgrade ## load demonstration data
	$(flask) demo load

# -------------------------------------------------------------------------------------------------- testing

.PHONY: test
test: setup-tests ## every test, on SQLite and on a PostgreSQL of its own, and in a browser
	@sh tests/support/machine.sh
	$(pytest) -n 2 --dist worksteal

.PHONY: unit
unit: setup-tests ## rules without a database, and the architecture tests: seconds
	$(pytest) tests/unit tests/architecture

.PHONY: browser
browser: setup-tests ## journeys in Chromium, a few in Firefox and WebKitGTK too
	@sh tests/support/machine.sh
	$(pytest) tests/browser

.PHONY: bare
bare: ## README's two commands on a bare Debian machine (root, debootstrap; half an hour or more)
	@sh tests/support/bare.sh

.PHONY: bench
bench: setup-tests ## measure beside the floors, minutes; writes docs/benchmarks.md
	@sh tests/support/machine.sh
	@$(py) docs/bench.py

.PHONY: check
check: lint types imports templates translations-check ## format, lint, types, import contracts, templates, translations

.PHONY: lint
lint: setup-tests ## ruff: format and lint
	$(bin)/ruff format --check $(sources)
	$(bin)/ruff check $(sources)

.PHONY: format
format: setup-tests ## let ruff format and mend what it can
	$(bin)/ruff format $(sources)
	$(bin)/ruff check --fix $(sources)

.PHONY: types
types: setup-tests ## mypy, strict
	$(bin)/mypy

.PHONY: imports
imports: setup-tests ## who may import whom
	$(bin)/lint-imports --no-cache

.PHONY: templates
templates: setup-tests ## djlint over the templates
	$(bin)/djlint --quiet --lint templates

.PHONY: translations
translations: setup-tests ## collect sentences from the code into the English catalogue
	$(py) -m tests.support.catalog update

.PHONY: translations-check
translations-check: setup-tests
	$(py) -m tests.support.catalog
