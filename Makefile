# Everything here works on a machine that has only Python 3.11 or later, make and the package registries.
SHELL := /bin/bash
STATE ?= .cirrus/state
STAGE ?= dev
PORT ?= 8080
BOOTSTRAP := python3 infra/local/bootstrap.py
PYTHON := .venv/bin/python
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.venv/bin:$(PATH)
export UV_PYTHON_DOWNLOADS := never
# Some containers have Python keep nothing it has compiled: each start would compile all its libraries again.
export PYTHONDONTWRITEBYTECODE :=

search = $(if $(SEARCH),-c search=$(SEARCH))
pytest = $(PYTHON) -m pytest tests/$(1) $(PYTEST)

.DEFAULT_GOAL := help
.PHONY: help setup run stop test check bench eval deploy diff destroy cost reindex-chats openapi invoke drop web clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what the project needs, into .tools, .venv and node_modules
	@$(BOOTSTRAP)

run: setup ## Start Cirrus on this machine: PORT=8080, SEARCH=opensearch, AUTH=true evaluates IAM policies
	@$(if $(filter opensearch,$(SEARCH)),$(BOOTSTRAP) opensearch)
	@exec $(PYTHON) -m infra.local --state $(STATE) run --port $(PORT) $(if $(SEARCH),--search $(SEARCH))

stop: ## Stop a Cirrus that runs on this machine, with its state saved
	@$(BOOTSTRAP) project
	@$(PYTHON) -m infra.local --state $(STATE) stop

test: setup ## All tests: unit, contract, infra, web, integration, browser
	@$(BOOTSTRAP) browser opensearch
	$(call pytest,unit -n 2)
	$(call pytest,contract tests/infra -n 2 --dist loadfile)
	$(PYTHON) -m infra.openapi
	cd web && npm test
	$(call pytest,integration tests/e2e -n 2 --dist loadfile)

check: setup ## Formatting, lints, types, and the stacks by cdk-nag
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(PYTHON) -m infra.synthesis
	$(PYTHON) -m infra.openapi
	cd web && npm run check && npm run lint

bench: setup ## Figures beside a direct call to the same model server: KINDS="first list" for some only
	$(PYTHON) -m tests.bench $(KINDS)

eval: ## How well retrieval finds what answers a question: by words, vectors, both, reranked
	@$(BOOTSTRAP) project
	@$(PYTHON) -m tests.eval

deploy: check ## Deploy to AWS: STAGE=dev, SEARCH=embedded, opensearch, dynamodb or https://…
	@$(PYTHON) -m infra.deploy deploy --stage $(STAGE) $(search)

diff: setup ## What a deployment would change: STAGE=dev
	@$(PYTHON) -m infra.deploy diff --stage $(STAGE) $(search)

destroy: setup ## Remove a stage from AWS: STAGE=dev
	@$(PYTHON) -m infra.deploy destroy --stage $(STAGE) $(search)

cost: setup ## What a stage costs: idle, and per 1,000 messages
	@$(PYTHON) -m infra.cost

reindex-chats: ## Build the search index of everybody anew: of the stack that runs here, or STAGE=dev
	@$(PYTHON) -m infra.reindex $(if $(filter command environment,$(firstword $(origin STAGE))),--stage $(STAGE),--state $(STATE))

openapi: ## Write build/openapi.json, the documents of all functions merged
	@$(BOOTSTRAP) project
	@$(PYTHON) -m infra.openapi

invoke: ## Invoke a function of the running stack: FUNCTION=chats EVENT=events/….json
	@$(PYTHON) -m infra.local --state $(STATE) invoke $(FUNCTION) $(EVENT)

drop: ## Put a file or folder into the drop folder of the running stack: FILE=… KB=Handbook
	@$(PYTHON) -m infra.local --state $(STATE) drop "$(FILE)" "$(KB)"

web: ## Build the web app
	@$(BOOTSTRAP) project web
	@$(PYTHON) -m infra.local.web_build

clean: ## Remove everything that was built or installed, and the local state
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m infra.local --state $(STATE) stop; fi
	rm -rf .tools .venv .cirrus build cdk.out node_modules web/node_modules web/build web/.svelte-kit
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
