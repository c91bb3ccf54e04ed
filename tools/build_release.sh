#!/bin/sh
# Builds wheel and source distribution twice, compares them byte by byte, checks them, and writes the list of packages
# that the lock file names (SBOM, CycloneDX). Usage: sh tools/build_release.sh [FOLDER]; the default is dist.
set -eu
cd "$(dirname "$0")/.."
UV=${UV:-uv}
out=${1:-dist}
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
rm -rf "$out"
"$UV" build --quiet --out-dir "$out"
"$UV" build --quiet --out-dir "$again"
for file in "$again"/*.whl "$again"/*.tar.gz; do
    cmp "$file" "$out/$(basename "$file")" || { echo "Two builds of $(basename "$file") differ." >&2; exit 1; }
done
"$UV" tool run --quiet --from "$(grep '^twine==' tests/deploy/checks.txt)" twine check --strict "$out"/*.whl "$out"/*.tar.gz
"$UV" export --quiet --locked --no-dev --all-extras --format cyclonedx1.5 --output-file "$out/sbom.cdx.json"
(cd "$out" && sha256sum -- *.whl *.tar.gz sbom.cdx.json)
