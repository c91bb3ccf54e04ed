#!/bin/sh
# Runs pytest with its temporary folders in memory where 4 GB are free there: each commit of a lake waits for the disk.
set -eu
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -gt 4194304 ]; then
    TMPDIR=$(mktemp -d /dev/shm/shoplake-tests.XXXXXX)
    chmod 711 "$TMPDIR"
    export TMPDIR
    trap 'rm -rf "$TMPDIR"' EXIT
    trap 'exit 130' INT TERM
fi
pytest "$@"
