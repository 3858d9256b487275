PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1

.PHONY: help run shell demo lint unit test test-long test-client test-peers crashtest benchmark soak screenshots clean

help:
	@echo "make run        the daemon on a fresh machine, with the web pages on http://$(HOST):$(or $(PORT),8000)/"
	@echo "make shell      a shell in which python is the one of .venv: python manage.py …"
	@echo "make demo       the same, offline, with every upstream played by a local server"
	@echo "make lint       ruff, formatting, mypy, import contracts"
	@echo "make unit       the tests that need no database, in under thirty seconds"
	@echo "make test       linters and the whole test suite on a throw-away PostgreSQL, in under five minutes"
	@echo "make test-long  the tests that take longest: whole recordings, thousands of mutations, kills"
	@echo "make test-client the wheel of clients/python, installed and tested on each Python from 3.10 to 3.13 that is here"
	@echo "make test-peers freqtrade, ccxt, hummingbot and nautilus, each in its own environment, against a running system"
	@echo "make crashtest  kills, a database that goes away, a pooler, backups, strangers at the pages, clocks that are set"
	@echo "make benchmark  side-by-side measurements"
	@echo "make screenshots the pictures of README and docs, from the demo"
	@echo "make soak       a day of order-book streams in minutes: memory, files, partitions"

# The stamps say which requirements the environment was made from.
$(VENV)/runtime.stamp: requirements.txt
	@command -v "$(PYTHON)" >/dev/null || { echo "PYTHON was $(PYTHON), expected a Python 3.11 or newer: there is no such program" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "PYTHON was $(PYTHON), expected a Python 3.11 or newer: this one is older, or no Python" >&2; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "packages of requirements.txt are put into $(VENV); the first time takes a minute or more" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-extra.txt $(VENV)/runtime.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# PORT is a variable of the program as well: of the command line, the environment or .env, whichever is set first.
run: export PORT := $(PORT)
run: $(VENV)/runtime.stamp
	@$(BIN)/python manage.py migrate --verbosity 0 </dev/null
	@$(BIN)/python manage.py offersuperuser </dev/null
	@$(BIN)/python manage.py apitoken --offer </dev/null
	@exec $(BIN)/python manage.py runschedulers --serve $(HOST) </dev/null

shell: $(VENV)/runtime.stamp
	@echo "python is $(BIN)/python here; leave with exit"
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" PATH="$(CURDIR)/$(BIN):$$PATH" exec "$${SHELL:-/bin/sh}"

demo: $(VENV)/runtime.stamp
	@exec $(BIN)/python -m demo.play

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@EWS_ENV_FILE= $(BIN)/mypy .
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo

unit: $(VENV)/dev.stamp
	@EWS_TESTS=unit EWS_SUITE_SECONDS=30 $(BIN)/python -m pytest -n 2 -q -m "not long" --durations=20

test: lint
	@EWS_SUITE_SECONDS=300 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not long" --durations=20

test-long: $(VENV)/dev.stamp
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m long

test-client: $(VENV)/dev.stamp
	@$(BIN)/python clients/python/wheels.py --extras

# Each peer has an environment of its own, below .peers: their licences and packages stay out of ours.
test-peers: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.peers.environments
	@EWS_PEERS=1 EWS_SUITE_SECONDS=240 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=20 tests/peers

crashtest: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.crash.crashtest --kills 50 --events 200
	@$(BIN)/python -m tests.crash.dispatch_crash --kills 200
	@$(BIN)/python -m tests.crash.database_outage --restarts 5 --away 60
	@$(BIN)/python -m tests.crash.web_flood
	@$(BIN)/python -m tests.crash.api_outage
	@$(BIN)/python -m tests.crash.pooled_daemons
	@$(BIN)/python -m tests.crash.backup_round_trip
	@$(BIN)/python -m tests.trade.worlds --worlds 1000
	@$(BIN)/python -m tests.crash.clock_steps

benchmark: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

soak: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.stream_soak --hours 24 --speed max

screenshots: $(VENV)/dev.stamp
	@$(BIN)/python -m demo.screenshots

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
