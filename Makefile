# Collum's tasks. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
# One more than cores: browser tests wait a lot.
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
APT_INSTALL := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

.DEFAULT_GOAL := help
.PHONY: help run test test-engine full bench pictures fuzz lint format check lock clean system-python system-browser

POSTGRESQL ?= postgres://postgres@127.0.0.1:5432/collum
FUZZ_SECONDS ?= 120
.DELETE_ON_ERROR:
# Without its cache Python compiles the tests anew for each worker.
unexport PYTHONDONTWRITEBYTECODE

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/installed-to-run ## Set up what is needed, fill demo data once, and serve at PORT (8000)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo --if-empty
	@echo
	@echo "Collum is at http://127.0.0.1:$(PORT)/ (Ctrl-C ends it). Demo accounts, all with the password collum-demo:"
	@echo "  neurologist, neurologist2   plan, record and sign"
	@echo "  trainee                     plans and records"
	@echo "  desk, desk2                 the front desk: register patients, book visits, follow up"
	@echo "  catalogue                   maintains muscles, products and instruments"
	@echo "  auditor                     reads who opened which record"
	@echo "  admin                       maintains accounts and the clinic's details"
	@echo
	@exec $(BIN)/gunicorn clinic.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 \
		--no-control-socket --log-level warning

test: $(VENV)/installed-to-test system-browser ## Set up what is needed and run every test, on SQLite
	@env -u DATABASE_URL $(BIN)/pytest -n $(WORKERS)

test-engine: $(VENV)/installed-to-test system-browser ## Run what a database engine can change on PostgreSQL
	@env DATABASE_URL=$(POSTGRESQL) $(BIN)/pytest -n $(WORKERS) -m "engine and not full"

full: $(VENV)/installed-to-test system-browser ## Run every test on both engines, in a random order, with long fuzzing (for a release)
	@export FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)}; \
	echo "FUZZ_SEED=$$FUZZ_SEED draws the same requests and the same order again."; \
	set -- -n $(WORKERS) -m "full or not full" -p randomly --randomly-seed=$$FUZZ_SEED; \
	env -u DATABASE_URL $(BIN)/pytest "$$@" && env DATABASE_URL=$(POSTGRESQL) $(BIN)/pytest "$$@"

bench: $(VENV)/installed-to-run ## Time the pages over 100,000 invented patients on PostgreSQL (about fifteen minutes)
	@$(BIN)/python -m tests.bench

pictures: $(VENV)/installed-to-test system-browser ## Take the pictures of the help pages and of docs/ anew
	@env -u DATABASE_URL STORE_PICTURES=1 $(BIN)/pytest -m full tests/browser/test_pictures.py -k taken

fuzz: $(VENV)/installed-to-test ## Send the API generated requests, FUZZ_SECONDS (120) for each role, on SQLite and then on PostgreSQL
	@export FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)}; \
	echo "FUZZ_SEED=$$FUZZ_SEED draws the same requests again."; \
	env -u DATABASE_URL $(BIN)/pytest -m fuzz && \
	env DATABASE_URL=$(POSTGRESQL) $(BIN)/pytest -m fuzz --create-db

lint: $(VENV)/installed-to-test ## Look for faults in Python and templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --lint templates
	@$(BIN)/djlint --check templates

format: $(VENV)/installed-to-test ## Lay out Python and templates
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint --quiet --reformat templates

check: ## Everything that must hold before a change is merged, PostgreSQL included
	@.ci/run

lock: system-python ## Pin every package anew into requirements.lock
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@echo "# Every package of a fresh environment made from requirements-dev.txt, pinned; made by \`make lock\`, used as constraints." \
		> requirements.lock
	@$(VENV)-lock/bin/python -m pip freeze --disable-pip-version-check >> requirements.lock
	@rm -rf $(VENV)-lock

clean: ## Remove the environment and all caches; data under var/ stay
	@rm -rf $(VENV) $(VENV)-lock .pytest_cache .ruff_cache .hypothesis .coverage test-results
	@find clinic patients planning tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp is younger than the files it was installed from, or the packages are installed again.
$(VENV)/installed-to-run: requirements.txt requirements.lock $(BIN)/python
	@echo "Installing what runs Collum …"
	@$(PIP_INSTALL) -r requirements.txt -c requirements.lock
	@touch $@

$(VENV)/installed-to-test: requirements.txt requirements-dev.txt requirements.lock $(BIN)/python
	@echo "Installing what runs and tests Collum …"
	@$(PIP_INSTALL) -r requirements-dev.txt -c requirements.lock
	@touch $@ $(VENV)/installed-to-run

$(BIN)/python: | system-python
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)

# Debian and Ubuntu ship Python without what makes environments, and no browser.
system-python:
	@test -x $(BIN)/python || $(PYTHON) -c "import ensurepip, venv" 2>/dev/null || $(call as_root,python3-venv)
	@test -x $(BIN)/python || $(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Collum needs Python 3.11 or newer. Name one: make PYTHON=python3.12 …"; exit 1; }

system-browser:
	@command -v chromium-headless-shell >/dev/null || $(call as_root,chromium-headless-shell fonts-dejavu-core)

define as_root
{ if [ "$$(id -u)" = 0 ]; then echo "Installing $(1) …"; $(APT_INSTALL) $(1) >/dev/null; \
else echo "Collum needs $(1). Install it once, then call make again:"; \
echo "  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends $(1)'"; exit 1; fi; }
endef
