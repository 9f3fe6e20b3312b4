# Collum's tasks. `make` alone lists them.

# What a distribution ships is compiled with the help of profiles. A Python that pyenv compiled takes a quarter longer.
PYTHON ?= $(shell /usr/bin/python3 -c "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))" 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
PORT ?= 8000
# One more than cores: browser tests wait a lot.
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# In a tenth of pip's time. It does not read pip's settings; where those name the only index, pip installs.
UV := uv==0.13.9
APT_INSTALL := apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends

.DEFAULT_GOAL := help
.PHONY: help run test test-engine full bench bench-short profile pictures fuzz safety guards crash failover lint format check \
	lock clean system-python system-browser system-proxy system-cluster system-node

POSTGRESQL ?= postgres://postgres@127.0.0.1:5432/collum
FUZZ_SECONDS ?= 120
CORRUPTIONS ?= 12000
ROUNDS ?= 60
FAULTS ?= 100
PAGE ?= /patients/1/
AS ?= neurologist
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

full: $(VENV)/installed-to-test system-browser system-proxy system-cluster system-node ## Run every test on both engines, in a random order, with long fuzzing (for a release)
	@export FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} CORRUPTIONS=$(CORRUPTIONS) MATRICES=whole; \
	echo "FUZZ_SEED=$$FUZZ_SEED draws the same requests and the same order again."; \
	set -- -n $(WORKERS) -m "full or not full" -p randomly --randomly-seed=$$FUZZ_SEED; \
	env -u DATABASE_URL $(BIN)/pytest "$$@" && env DATABASE_URL=$(POSTGRESQL) $(BIN)/pytest "$$@"

failover: $(VENV)/installed-to-test system-cluster ## Build a cluster in network namespaces, cause FAULTS (100) under load, and see that no acknowledged write is lost (root)
	@FAULTS=$(FAULTS) $(BIN)/python -m tests.failover

bench: $(VENV)/installed-to-run ## Time the pages over 100,000 invented patients on PostgreSQL (about fifteen minutes)
	@$(BIN)/python -m tests.bench $(if $(PATIENTS),--patients $(PATIENTS)) $(if $(REPEATS),--rounds $(REPEATS))

bench-short: $(VENV)/installed-to-test ## Compare the queries, calls and processor time of the pages with those stored (STORE=1 stores them anew)
	@env DATABASE_URL=$(POSTGRESQL) $(BIN)/python -m tests.bench.short $(if $(STORE),--store)

profile: $(VENV)/installed-to-run ## Show what PAGE (/patients/1/) of the demo costs, opened by AS (neurologist), and where its time goes
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo --if-empty
	@$(BIN)/python -m tests.bench.one_page $(PAGE) --user $(AS)

pictures: $(VENV)/installed-to-test system-browser ## Take the pictures of the help pages and of docs/ anew
	@env -u DATABASE_URL STORE_PICTURES=1 $(BIN)/pytest -m full tests/browser/test_pictures.py -k taken

fuzz: $(VENV)/installed-to-test ## Send the API generated requests, FUZZ_SECONDS (120) for each role, on SQLite and then on PostgreSQL
	@export FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)}; \
	echo "FUZZ_SEED=$$FUZZ_SEED draws the same requests again."; \
	env -u DATABASE_URL $(BIN)/pytest -m fuzz && \
	env DATABASE_URL=$(POSTGRESQL) $(BIN)/pytest -m fuzz --create-db

safety: $(VENV)/installed-to-test ## Run the tests of the controls in docs/safety.md, and write the page anew if all pass
	@env -u DATABASE_URL MATRICES=whole $(BIN)/python -m tests.safety -n $(WORKERS)

guards: $(VENV)/installed-to-test ## Remove guards one at a time, and see that a test fails (GUARDS="--sample 40 --kind lock"; all take hours)
	@$(BIN)/python -m tests.guards $(GUARDS)

crash: $(VENV)/installed-to-test ## Kill workers, server and database ROUNDS (60) times while users write, on both engines (1,000 take hours)
	@$(BIN)/python -m tests.crash sqlite --rounds $(ROUNDS) && $(BIN)/python -m tests.crash postgresql --rounds $(ROUNDS)

lint: $(VENV)/installed-to-test ## Look for faults in Python and templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djlint --lint templates
	@$(BIN)/djlint --check templates

format: $(VENV)/installed-to-test ## Lay out Python and templates
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/djlint --quiet --reformat templates

check: ## Everything that must pass before a change is merged, including PostgreSQL
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
	@$(call install,-r requirements.txt -c requirements.lock)
	@touch $@

$(VENV)/installed-to-test: requirements.txt requirements-dev.txt requirements.lock $(BIN)/python
	@echo "Installing what runs and tests Collum …"
	@$(call install,-r requirements-dev.txt -c requirements.lock)
	@touch $@ $(VENV)/installed-to-run

$(BIN)/python: | system-python
	@rm -rf $(VENV) && $(PYTHON) -m venv $(VENV)

define install
$(PIP_INSTALL) $(UV) && UV_LINK_MODE=copy $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) || $(PIP_INSTALL) $(1)
endef

# Debian and Ubuntu ship Python without what makes environments, and no browser.
system-python:
	@test -x $(BIN)/python || $(PYTHON) -c "import ensurepip, venv" 2>/dev/null || $(call as_root,python3-venv)
	@test -x $(BIN)/python || $(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Collum needs Python 3.11 or newer. Name one: make PYTHON=python3.12 …"; exit 1; }

system-browser:
	@command -v chromium-headless-shell >/dev/null || $(call as_root,chromium-headless-shell fonts-dejavu-core)

system-proxy:
	@command -v nginx >/dev/null || $(call as_root,nginx-light)

# As in docs/many-machines.md: Patroni is one wheel, and runs with the system's Python, which the user postgres can read.
PATRONI := patroni==4.1.5
CLUSTER_PACKAGES := postgresql etcd-server haproxy pgbouncer iproute2 openssl python3-venv python3-psycopg2 python3-yaml \
	python3-dateutil python3-prettytable python3-psutil python3-click python3-urllib3 python3-dnspython python3-etcd python3-cdiff

system-cluster:
	@{ command -v etcd && command -v haproxy && command -v pgbouncer && command -v ip && test -x /opt/patroni/bin/patroni; } \
		>/dev/null || { $(call as_root,$(CLUSTER_PACKAGES)); /usr/bin/python3 -m venv --system-site-packages /opt/patroni && \
		/opt/patroni/bin/python -m pip install --quiet --disable-pip-version-check --no-deps $(PATRONI); }

system-node:
	@command -v npm >/dev/null || $(call as_root,nodejs npm)

define as_root
{ if [ "$$(id -u)" = 0 ]; then echo "Installing $(1) …"; $(APT_INSTALL) $(1) >/dev/null; \
else echo "Collum needs $(1). Install it once, then call make again:"; \
echo "  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends $(1)'"; exit 1; fi; }
endef
