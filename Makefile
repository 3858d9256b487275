PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: help run demo test lint crashtest benchmark soak clean

help:
	@echo "make run        the daemon on a fresh machine, with the web pages on http://$(HOST):$(PORT)/"
	@echo "make demo       the same, offline, with every upstream played by a local server"
	@echo "make test       linters and the whole test suite on a throw-away PostgreSQL"
	@echo "make crashtest  kill -9 of daemon and dispatchers, a database that goes away, and clocks that are set, under load"
	@echo "make benchmark  side-by-side measurements"
	@echo "make soak       a day of order-book streams in minutes: memory, files, partitions"

# The stamps say which requirements the environment was made from.
$(VENV)/runtime.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11; name another one with PYTHON=…" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-extra.txt $(VENV)/runtime.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: $(VENV)/runtime.stamp
	@$(BIN)/python manage.py migrate --verbosity 0 </dev/null
	@$(BIN)/python manage.py offersuperuser </dev/null
	@exec $(BIN)/python manage.py runschedulers --serve $(HOST):$(PORT) </dev/null

demo: $(VENV)/runtime.stamp
	@exec $(BIN)/python -m tests.demo

lint: $(VENV)/dev.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@EWS_ENV_FILE= $(BIN)/mypy .

test: lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile

crashtest: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.crashtest --kills 50 --events 200
	@$(BIN)/python -m tests.dispatch_crash --kills 200
	@$(BIN)/python -m tests.database_outage --restarts 5 --away 60
	@$(BIN)/python -m tests.clock_steps

benchmark: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

soak: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.stream_soak --hours 24 --speed max

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
