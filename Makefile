# The commands of this repository: `make help` lists them.
# Needs GNU make and Python 3.11, 3.12 or 3.13; everything else is installed into .venv.

# Tried in order by running each, for a name on the PATH may be a shim that runs nothing.
PYTHON ?= python3.13 python3.12 python3.11 python3 python
ADDRESS ?= 127.0.0.1

VENV := .venv
BIN := $(VENV)/bin
# Stamps: an installation happens again only when a lock file is newer than its stamp.
APP := $(VENV)/.app-installed
DEV := $(VENV)/.dev-installed

# Peers that the benchmarks compare with; never installed into the same environment.
PEERS := .venv-bench

SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# pip compiles bytecode as it installs: without it the first import of TensorFlow takes 19 s.
INSTALL := -m pip install --disable-pip-version-check --no-input --compile --require-hashes -r
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app test lint secrets bench faults dynalite lock advisories clean

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## */  make \1|/p' Makefile | awk -F '|' '{printf "%-18s%s\n", $$1, $$2}'
	@echo
	@echo "  Variables: PORT=8600 and ADDRESS=0.0.0.0 for app; ARGS='…' for app, test, bench, faults;"
	@echo "             PYTHON=… for the Python that .venv is made with."

app: $(APP)  ## install what is missing and open the dashboard
	@$(BIN)/python -m streamlit run streamlit_app.py --server.address $(ADDRESS) \
		$(if $(PORT),--server.port $(PORT)) $(ARGS); status=$$?; \
	[ $$status -ne 1 ] || echo "Is the port taken? Choose another one: make app PORT=8600" >&2; \
	exit $$status

# Tests wait, so three workers keep two cores busy; in this order no long file is left for last.
test: lint  ## check everything: lint, then all tests
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(DEV)  ## check the sources: style, types, layers, template, container, dead code, security, secrets
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint aws/template.yaml
	$(BIN)/hadolint Dockerfile
	$(BIN)/vulture
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive .
	@$(MAKE) --no-print-directory secrets

# The first line fails without git or without files; at the head of a pipe nobody would notice.
secrets:
	@git ls-files --error-unmatch . >/dev/null
	@git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --exclude-files '\.lock$$'

bench: $(DEV) $(PEERS)/.installed  ## measure the goals of docs/benchmarks.md
	$(BIN)/python -m bench $(ARGS)

faults: $(DEV)  ## inject every fault into 100 runs, count what is lost (half an hour)
	$(BIN)/python -m tests.faults $(ARGS)

dynalite:  ## install a third DynamoDB for the tests, where there is Node.js
	npm install --prefix . --no-save --no-audit --no-fund --ignore-scripts dynalite@4.0.0

# Resolves with an empty constraints.txt, or it would constrain itself; its former versions are
# preferred where they still fit (not with ARGS=--upgrade), and restored when nothing fits. Then the
# lock files add the hashes by which installed files are checked.
lock:  ## rewrite constraints.txt and *.lock after a change of the requirements
	@test -x $(BIN)/uv || $(MAKE) $(DEV)
	@cp constraints.txt $(VENV)/constraints.txt
	@: > constraints.txt
	@$(COMPILE) --output-file $(VENV)/constraints.txt $(ARGS) requirements-dev.txt; \
	status=$$?; mv $(VENV)/constraints.txt constraints.txt; exit $$status
	@for name in requirements requirements-dev bench/requirements; do \
		$(COMPILE) --generate-hashes --no-annotate --output-file $$name.lock $$name.txt || exit; \
	done
	@$(COMPILE) --no-deps --generate-hashes --no-annotate --output-file bench/tables.lock \
		bench/tables.txt

advisories: $(DEV)  ## save the security advisories of the locked packages
	$(BIN)/python -m docs.make_advisories

clean:  ## remove the environment and the caches, never your data
	rm -rf $(VENV) $(PEERS) node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@unable=; \
	for python in $(PYTHON); do \
		"$$python" -c '$(SUITABLE)' >/dev/null 2>&1 || continue; \
		if "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
			echo "Making $(VENV) with $$("$$python" --version)."; \
			exec "$$python" -m venv --clear $(VENV); \
		fi; \
		unable="$$("$$python" --version)"; \
	done; \
	if [ "$$unable" ]; then \
		echo "$$unable is here, but it cannot make virtual environments: it lacks ensurepip."; \
		echo "On Debian and Ubuntu install it with: sudo apt-get install python3-venv"; \
	else \
		echo "Expected Python 3.11, 3.12 or 3.13, found none of them among: $(PYTHON)."; \
		echo "Install one, or name it: make app PYTHON=/path/to/python3.12"; \
	fi >&2; \
	exit 1

define check-python
@$(BIN)/python -c '$(SUITABLE)' || { \
	echo "$(VENV) holds $$($(BIN)/python --version); 3.11 to 3.13 is needed. Run: make clean" >&2; \
	exit 1; }
endef

# The interpreter is order-only: it is never newer in a way that matters.
$(APP): requirements.lock | $(BIN)/python
	$(check-python)
	$(BIN)/python $(INSTALL) requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock | $(BIN)/python
	$(check-python)
	$(BIN)/python $(INSTALL) requirements-dev.lock
	@touch $(APP) $@

$(PEERS)/.installed: bench/requirements.lock bench/tables.lock | $(BIN)/python
	$(BIN)/python -m venv --clear $(PEERS)
	$(PEERS)/bin/python $(INSTALL) bench/requirements.lock
	$(PEERS)/bin/python $(INSTALL) bench/tables.lock --no-deps
	@touch $@
