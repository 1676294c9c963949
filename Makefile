# `make help` lists what there is.
PYTHON ?= python3
BIN := .venv/bin
SERVE ?= 1
KILLS ?= 500
SEED ?= 1
DATABASE ?= sqlite

.PHONY: help install dev demo run test check fix bench planted smoke crash pictures sample lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## Install Hornbook into .venv and build the web assets

dev: .venv/dev ## Install what tests and checks need as well

demo: .venv/installed ## Take the sample book through the whole journey, then serve it (SERVE=0: stop after the journey)
	$(BIN)/hornbook demo $(if $(filter 0,$(SERVE)),--no-serve)

run: .venv/installed ## Serve on http://127.0.0.1:8000
	$(BIN)/hornbook serve

test: .venv/dev ## Run every test, with coverage
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='*/hornbook/jobs/*,*/hornbook/library/*' --fail-under=95

check: .venv/dev ## Formatting, lint, types, import rules, locks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: .venv/dev ## Mend formatting and what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

smoke: .venv/dev ## Ask a real model (MODEL=openai:name; keys and address as for the server)
	HORNBOOK_MODEL=$(MODEL) $(BIN)/pytest -q tests/smoke/real_model.py

bench: .venv/dev ## Print the tables of bench/
	$(BIN)/python -m bench.quality
	$(BIN)/python -m bench.letters
	$(BIN)/python -m bench.keeping
	$(BIN)/python -m bench.speed
	$(BIN)/python -m bench.reading
	$(BIN)/python -m bench.generation

planted: .venv/dev ## Show that every planted fault turns its test red
	$(BIN)/python tests/planted/run.py

crash: .venv/dev ## Kill a server 500 times and print what was lost (KILLS=n SEED=n DATABASE=postgres)
	$(BIN)/pytest -q tests/jobs/test_kill.py tests/survival
	$(BIN)/python -m tests.crash.campaign --kills $(KILLS) --seed $(SEED) --database $(DATABASE)

pictures: .venv/dev ## Take a picture of every screen in every state into pictures/
	$(BIN)/python -m tests.browser.gallery pictures

sample: .venv/dev ## Render the sample book again from samplebook/
	$(BIN)/python -m samplebook.render

lock: .venv/dev ## Write the lock files again
	$(BIN)/uv pip compile -q pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --group dev --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -c requirements.lock -o requirements-dev.lock

clean: ## Remove what was built; your data stays
	rm -rf .venv node_modules src/hornbook/web/static dist

.venv/installed: requirements.lock pyproject.toml package-lock.json hatch_build.py $(wildcard src/hornbook/web/assets/* src/hornbook/web/assets/css/*)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

.venv/dev: .venv/installed requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	touch $@
