# Every target is one command. A machine needs make and Python 3.11 or newer; uv is put into .uv/ where there is none.
export UV_PYTHON_PREFERENCE := system
export UV_PYTHON_DOWNLOADS := never
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := $(UV) run --locked

.PHONY: demo test test-all lint docs benchmark clean
demo: $(UV)  ## the main job: a pretend shop's files become tables and answers
	$(RUN) shoplake demo

test: $(UV)  ## the tests that are quick
	$(RUN) pytest -m "not slow" -n 2

test-all: $(UV)  ## all of them
	$(RUN) pytest

lint: $(UV)  ## style, types, import contracts
	$(RUN) sh -c 'ruff check . && ruff format --check . && mypy && lint-imports'

docs: $(UV)  ## write the reference and the README's pictures again, from the declarations
	$(RUN) python -m shoplake.deploy.docs

benchmark: $(UV)  ## measure the full build against other systems
	$(RUN) python benchmarks/full_build.py

clean:  ## take away what can be made again; a lake of your own stays
	rm -rf .venv .uv dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.uv/bin/uv:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	test -n "$$python" || { echo "shoplake needs Python 3.11 or newer, and there is none on PATH." >&2; exit 1; }; \
	rm -rf .uv; { $$python -m venv .uv 2>/dev/null && .uv/bin/python -m pip install --quiet uv; } || \
	{ rm -rf .uv; $$python -m pip install --quiet --target .uv uv; } || { rm -rf .uv; \
	echo "$$python can install nothing: install uv, or its venv or pip (Debian: apt install python3-venv)." >&2; exit 1; }
