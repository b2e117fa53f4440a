# Runs the shop from a fresh clone with only Python 3.11+ and make; everything else is installed into this folder.
# `make` lists the targets.

RUNTIME ?= auto
SHAPE ?=
PORT ?=
COMPONENT ?=
LOAD ?=
REGISTRY ?=
FILE ?=
LANGUAGES ?=
TAG ?= $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' pyproject.toml)
MINUTES ?= 12
OF ?= docs/report
SEED ?=
AUDIT ?=
WORKERS ?= 4
DOCKER_WORKERS ?= 3
DRY_RUN ?=
SBOM ?= dist/sbom.cdx.json

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
unexport VIRTUAL_ENV
# Otherwise every process and every test worker would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv

# uv from PATH, or our own in .tools, of the same version as in the images and the build backend
UV_VERSION := 0.13.9
UV_HERE := .tools/bin/uv
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo '$(UV_HERE)')
RUN := '$(UV)' run --no-sync
# Not through uv or the scripts beside it: neither works in a folder whose path contains a colon or a quote.
PYTHON := .venv/bin/python
LAB = $(PYTHON) -m twinshop.lab
AT_PORT = $(addprefix --port ,$(PORT))
# Each page of a shape at its own port links to itself in the other one.
LINKED_TO = $(if $(PORT),,STOREFRONT_OTHER_SHAPE_URL="$${STOREFRONT_OTHER_SHAPE_URL:-http://localhost:$(1)}")
READY := .venv/.ready

# Prints the path of a usable Python, or lists the unusable ones on standard error. Used only to create the environment.
# Tested versions come first, whatever `python3` is.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
FIND_PYTHON := found=; for last in 15 99; do for name in $(PYTHONS); do \
	path=$$($$name -c "import sys; (3, 11) <= sys.version_info < (3, $$last) and print(sys.executable)" 2>/dev/null); \
	if [ -n "$$path" ]; then found=yes; echo "$$path"; break 2; fi; done; done; \
	if [ -z "$$found" ]; then \
		echo "Twinshop needs Python 3.11 or newer, and found none on the PATH." >&2; \
		for name in $(PYTHONS); do command -v $$name >/dev/null 2>&1 && \
			echo "  $$name is $$($$name --version 2>&1 || echo broken)" | head -n 1 >&2; done; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or put its folder on the PATH." >&2; fi

.PHONY: help up-mono up-micro down ps logs import load test-fast test test-docker lint bench bench-size demo lab lab-quick reproduce torture models images audit sbom docs release install clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "  Options: SHAPE=mono|micro  PORT=9000  COMPONENT=cart  RUNTIME=local|docker (default: Docker if it is usable)"

up-mono: $(READY) ## Start the monolith at http://localhost:8100 (PORT= for another port)
	@$(call LINKED_TO,8200) $(LAB) up mono $(AT_PORT) --runtime $(RUNTIME)

up-micro: $(READY) ## Start the microservices at http://localhost:8200 (PORT= for another port)
	@$(call LINKED_TO,8100) $(LAB) up micro $(AT_PORT) --runtime $(RUNTIME)

down: $(READY) ## Stop every shop, or one (SHAPE=, PORT=, RUNTIME=); data stay
	@$(LAB) down $(SHAPE) $(AT_PORT) --runtime $(RUNTIME)

ps: $(READY) ## List the running processes and their health
	@$(LAB) ps $(SHAPE) $(AT_PORT) --runtime $(RUNTIME)

logs: $(READY) ## Follow the logs, all or some (SHAPE=, COMPONENT=)
	@$(LAB) logs $(SHAPE) $(AT_PORT) --runtime $(RUNTIME) --follow $(addprefix --component ,$(COMPONENT))

import: $(READY) ## Replace the products of the running shop with those of FILE=, CSV or JSON (SHAPE=, PORT=, RUNTIME=)
	@if [ -z '$(FILE)' ]; then echo "Say which file: make import FILE=catalogue.csv" >&2; exit 2; fi
	@$(LAB) import $(SHAPE) $(AT_PORT) --runtime $(RUNTIME) --file '$(FILE)'

load: $(READY) ## Start Locust against SHAPE, at http://localhost:8089 (LOAD='--headless -u 20 -t 1m': without web page)
	@url=$$($(LAB) url $(or $(SHAPE),mono) $(AT_PORT) --runtime $(RUNTIME)) && \
	$(PYTHON) -m locust -f loadtests/ --host "$$url" --web-host 127.0.0.1 $(LOAD)

# Folders without a fast test are not collected.
NOT_FAST := browser cluster docker shop
test-fast: $(READY) ## Run the tests that start no process and do not wait
	@$(RUN) pytest -n 2 --dist loadgroup $(addprefix --ignore=tests/,$(NOT_FAST)) \
		-m 'not integration and not slow and not browser and not docker and not cluster'

test: $(READY) ## Run all tests that need no Docker; browser tests need chromium
	@$(RUN) pytest -n $(WORKERS) --dist loadgroup

# Collecting all tests takes each worker a quarter of a minute, so only files with such tests are named. The images are built
# first, since shops that start beside builds are late. Tests that turn the engine into a Swarm run alone.
WITH_DOCKER = $$(grep -rl --include='test_*.py' 'mark[.]docker' contracts kit services monolith shoppers lab tests | sort)
test-docker: $(READY) ## Run the tests that need a Docker engine
	@for folder in services/* monolith loadtests; do DOCKER_BUILDKIT=1 docker build --quiet -f $$folder/Dockerfile . >/dev/null || exit 1; done
	@failed=0; \
	$(RUN) pytest -n $(DOCKER_WORKERS) --dist loadgroup -m 'docker and not swarm' $(WITH_DOCKER) || failed=1; \
	$(RUN) pytest -m swarm tests/docker/swarm || failed=1; \
	exit $$failed

lint: $(READY) ## Check format, style, types and import rules
	@$(RUN) ruff format --check
	@$(RUN) ruff check
	@$(RUN) mypy
	@$(RUN) lint-imports

bench: $(READY) ## Run a short benchmark of both shapes; takes minutes, needs an idle machine
	@$(LAB) bench

bench-size: $(READY) ## Measure how calls cost more with 100,000 products and a million orders
	@$(LAB) bench --only size

demo: $(READY) ## Start both shapes side by side, with fault injection in the browser
	@$(LAB) demo --runtime $(RUNTIME)

lab: $(READY) ## Run all experiments at full effort and write a report; prints the duration first
	@$(LAB) run --effort full

lab-quick: $(READY) ## Run all experiments at quick effort, in about 10 minutes
	@$(LAB) run --effort quick

reproduce: $(READY) ## Repeat the run of docs/report here, and compare its claims one by one (OF= another run)
	@$(LAB) run --like $(OF) --name reproduce
	@$(LAB) compare $(OF) latest

torture: $(READY) ## Inject random faults under load, then check for lost orders (MINUTES=, SHAPE=, SEED= to repeat a run)
	@$(LAB) torture --minutes $(MINUTES) --runtime $(RUNTIME) $(addprefix --seed ,$(SEED)) $(addprefix --shape ,$(SHAPE))

models: $(READY) ## Fetch neural translation models into models/ (LANGUAGES="es fr de"; needs the internet)
	@$(PYTHON) -m twinshop.translate.models --folder models fetch $(LANGUAGES)

images: ## Build all images, for Swarm or Kubernetes (REGISTRY=registry.example.com/ TAG=1.2.3)
	@for folder in services/* monolith loadtests; do \
		image="$(REGISTRY)twinshop/$$(basename $$folder):$(TAG)"; \
		DOCKER_BUILDKIT=1 docker build --quiet --label org.opencontainers.image.version=$(TAG) -f $$folder/Dockerfile -t "$$image" . >/dev/null && echo "$$image" || exit 1; done

audit: | $(filter $(UV_HERE),$(UV)) ## Check all locked packages for known vulnerabilities at osv.dev (AUDIT= options of `uv audit`)
	@'$(UV)' audit --locked --preview-features audit-command $(AUDIT)

sbom: | $(filter $(UV_HERE),$(UV)) ## Write the SBOM of the shop (CycloneDX) to dist/sbom.cdx.json (SBOM= for another file)
	@mkdir -p "$$(dirname '$(SBOM)')"
	@'$(UV)' export --quiet --locked --preview-features sbom-export --format cyclonedx1.5 --no-dev \
		--package twinshop-monolith --output-file '$(SBOM)' && echo '$(SBOM)'

docs: $(READY) ## Generate the reference pages, then build the documentation into dist/docs
	@$(PYTHON) scripts/reference.py
	@NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --quiet && echo dist/docs/index.html

release: $(READY) ## Build packages, images, SBOM, notes and checksums into dist/ (DRY_RUN=1 only checks)
	@$(RUN) python scripts/release.py $(if $(DRY_RUN),--dry-run)

install: $(READY) ## Create or update the environment; other targets do this first

clean: ## Stop every shop and delete data, Docker volumes and caches
	@if [ -x $(PYTHON) ]; then $(LAB) down --delete --runtime $(RUNTIME); fi
	@rm -rf .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +

# Updates the environment whenever one of its sources has changed.
$(READY): pyproject.toml uv.lock $(wildcard */pyproject.toml services/*/pyproject.toml) | $(filter $(UV_HERE),$(UV))
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then exit 1; fi; \
	echo "Installing the environment into .venv ..."; \
	'$(UV)' sync --locked --quiet --python "$$python"
	@touch $@

$(UV_HERE):
	@python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then exit 1; fi; \
	echo "Installing uv into .tools ..."; \
	rm -rf .tools; \
	if "$$python" -m venv .tools >/dev/null 2>&1; then .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); \
	elif rm -rf .tools; "$$python" -m pip --version >/dev/null 2>&1; then \
		"$$python" -m pip install --quiet --disable-pip-version-check --target .tools uv==$(UV_VERSION); \
	else \
		echo "This Python has neither venv nor pip: install them (Debian, Ubuntu: apt install python3-venv) or uv." >&2; exit 1; \
	fi
