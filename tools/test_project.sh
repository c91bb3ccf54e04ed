#!/bin/sh
# Builds the wheel, installs it into an environment of its own, and runs a new project's own tests there.
set -eu
UV=${UV:-uv}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$UV" build --quiet --wheel --out-dir "$folder/dist"
"$UV" venv --quiet "$folder/venv"
"$UV" export --quiet --locked --no-dev --extra sail --no-emit-project --no-hashes >"$folder/requirements.txt"
"$UV" pip install --quiet --python "$folder/venv" -r "$folder/requirements.txt" "$folder"/dist/*.whl pytest
cd "$folder"
venv/bin/shoplake init my-shop --timezone Europe/London --currency GBP
cd my-shop
../venv/bin/python -m pytest -q
../venv/bin/shoplake run
../venv/bin/shoplake tables | grep best_sellers
../venv/bin/shoplake docs
grep -q best_sellers docs/README.md
