# listfold: two commands. `make run` sets up and starts the daemon; `make test` sets up and checks everything.
# The distribution's own Python where it will do: it gets security updates, and is built with optimisations that one made
# by hand often lacks (a tenth of an import's time).
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin

# Bytecode is written whatever the environment says: hundreds of test processes start in half the time with it.
export PYTHONDONTWRITEBYTECODE :=

DESTDIR ?=
PREFIX ?= /opt/listfold

.PHONY: run test check bench lock clean install
run: $(VENV)/.run
	@exec $(BIN)/listfold run

test: check
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff check daemon tests
	$(BIN)/ruff format --check daemon tests
	$(BIN)/mypy

bench: $(VENV)/.dev
	$(BIN)/python tests/bench/run.py

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# A stamp a set-up: each is made again only when its lock or the project's own metadata changes.
$(VENV)/.run: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Units, user, folders and configuration; the program itself in PREFIX unless DESTDIR says that a package is made.
install:
	install -d $(DESTDIR)/usr/lib/systemd/system/listfold.service.d $(DESTDIR)/usr/lib/sysusers.d \
		$(DESTDIR)/usr/lib/tmpfiles.d $(DESTDIR)/etc/listfold/lists.d
	install -m 644 systemd/*.service systemd/*.socket $(DESTDIR)/usr/lib/systemd/system/
	install -m 644 systemd/listfold.service.d/*.example $(DESTDIR)/usr/lib/systemd/system/listfold.service.d/
	install -m 644 systemd/sysusers.conf $(DESTDIR)/usr/lib/sysusers.d/listfold.conf
	install -m 644 systemd/tmpfiles.conf $(DESTDIR)/usr/lib/tmpfiles.d/listfold.conf
	test -e $(DESTDIR)/etc/listfold/listfold.toml || install -m 644 config/listfold.toml $(DESTDIR)/etc/listfold/
	test -e $(DESTDIR)/etc/listfold/listfold-web.toml || \
		install -m 644 config/listfold-web.toml $(DESTDIR)/etc/listfold/
	install -m 644 config/lists.d/*.example $(DESTDIR)/etc/listfold/lists.d/
ifeq ($(DESTDIR),)
	$(PYTHON) -m venv $(PREFIX)
	$(PREFIX)/bin/python -m pip install --require-hashes -r requirements.lock
	$(PREFIX)/bin/python -m pip install --no-deps --no-build-isolation .
	systemd-sysusers listfold.conf
	systemd-tmpfiles --create listfold.conf
	systemctl daemon-reload
endif

# Locks hold hashes and no host names; they are made for every platform and Python from 3.11 on.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra fast --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--extra fast --group build --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
