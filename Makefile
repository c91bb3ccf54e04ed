# Every target does its own set-up. Requirements: make and Python 3.11 or newer. uv is installed into .uv/ if it is missing.
export UV_PYTHON_PREFERENCE := system
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONDONTWRITEBYTECODE  # or each process of the tests compiles the tests and all libraries again
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
RUN := $(UV) run --locked

.PHONY: demo serve screenshots test test-spark test-sample test-slow test-all soak lint audit docs site release picture benchmark clean
demo: $(UV)  ## simulate a shop, build its tables, answer four questions
	$(RUN) shoplake demo
	@echo && echo "In a browser: make serve"

serve: $(UV)  ## serve the demo's lake and open its pages in a browser
	@test -f demo/shoplake.toml || $(RUN) shoplake demo
	$(RUN) --extra serve shoplake serve --config demo/shoplake.toml --open

screenshots: $(UV)  ## write pictures of the dashboard's pages over the demo's lake
	@test -f demo/shoplake.toml || $(RUN) shoplake demo
	$(RUN) python -m tools.screenshots demo/shoplake.toml

test: $(UV)  ## run the quick tests, and those of a new project with the built wheel
	@log=$$(mktemp); UV="$(abspath $(UV))" sh tools/test_project.sh >$$log 2>&1 & project=$$!; \
	$(RUN) sh tools/run_tests.sh -m "not slow and not sample and not spark" -n 2; tests=$$?; \
	wait $$project || { cat $$log; tests=1; }; rm -f $$log; exit $$tests

test-spark: $(UV)  ## run the quick tests that need a Spark server
	$(RUN) sh tools/run_tests.sh -m "spark and not slow" tests/conformance

test-sample: $(UV)  ## run some of the slow tests: kills, the demo, whole shops of each kind, all customers' tables
	$(RUN) sh tools/run_tests.sh -m "sample and not spark and not real_data" -n 2

test-slow: $(UV)  ## run the slow tests alone: all tables, all crash points, Spark
	$(RUN) sh tools/run_tests.sh -m slow -n 2

test-all: $(UV)  ## run all tests
	$(RUN) sh tools/run_tests.sh

soak: $(UV)  ## live 10,000 lives of a lake from seeds; stops at the first that fails, and goes on where it stopped
	$(RUN) python -m tools.soak

lint: $(UV)  ## check style, types and import contracts
	$(RUN) sh -c 'ruff check . && ruff format --check . && mypy && lint-imports'

audit: $(UV)  ## look for unsafe code, and for known vulnerabilities of the locked packages; needs a network
	@mkdir -p build
	$(RUN) --isolated --only-group audit bandit -q -c pyproject.toml -r src
	$(UV) export --quiet --locked --no-emit-project --all-extras --no-dev --output-file build/audited.txt
	$(RUN) --isolated --only-group audit pip-audit --strict --disable-pip --require-hashes -r build/audited.txt

docs: $(UV)  ## write the reference pages and the README's lists from the declarations
	$(RUN) python -m tools.docs

site: $(UV)  ## build the documentation site into build/site/site; a warning is an error
	$(RUN) python -m tools.site build/site
	$(UV) run --no-project --with-requirements tools/site_requirements.txt zensical build --strict -f build/site/zensical.toml

release: $(UV)  ## build wheel and source twice, compare and check them, list their packages; into dist
	UV="$(abspath $(UV))" sh tools/build_release.sh dist

picture: $(UV)  ## run the demo, and write its transcript and the README's picture
	$(RUN) python -m tools.docs picture

benchmark: $(UV)  ## compare with hand-written DuckDB SQL
	$(RUN) python benchmarks/full_build.py

clean:  ## delete everything that can be rebuilt; lakes of your own stay
	rm -rf .venv .uv build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.uv/bin/uv:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	test -n "$$python" || { echo "shoplake needs Python 3.11 or newer. Install it or put it on PATH." >&2; exit 1; }; \
	rm -rf .uv; { $$python -m venv .uv 2>/dev/null && .uv/bin/python -m pip install --quiet uv; } || \
	{ rm -rf .uv; $$python -m pip install --quiet --target .uv uv; } || { rm -rf .uv; \
	echo "$$python has neither venv nor pip. Install uv, or one of them (Debian: apt install python3-venv)." >&2; exit 1; }
