# make demo    see it work: installs into .venv, then runs the demo into demo/
# make test    all checks and tests, in the same .venv
#
# PYTHON=python3.12       another Python, 3.11 or newer
# TORCH_INDEX=<address>   where pip finds other builds of torch (see scripts/install)
# HASHES=1                only files whose digest is known (see scripts/install)
PYTHON ?= python3
export TORCH_INDEX HASHES

used := pyproject.toml constraints.txt requirements-hashed.txt scripts/install npm/package-lock.json

.PHONY: demo test check install clean

# Where everything is installed, that will do; it is brought up to date first.
demo: $(or $(wildcard .venv/installed-all),.venv/installed-demo)
	.venv/bin/crosswarp demo demo

test: .venv/installed-dev
	scripts/check
	scripts/test

check: .venv/installed-dev
	scripts/check

install: .venv/installed-all

# What was installed stays noted in .venv, so that it is done once.
.venv/installed-%: $(used) | .venv/bin/python
	scripts/install $*
	@touch $@

.venv/installed-dev: .venv/installed-all

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Python 3.11 or newer is needed, $(PYTHON) is" \
	    "$$($(PYTHON) --version 2>/dev/null || echo not there); try make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "error: this Python cannot make environments; install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

clean:
	rm -rf .venv demo
