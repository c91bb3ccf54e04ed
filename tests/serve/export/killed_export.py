"""Exports a small lake to a target and dies at a crash point: `killed_export.py LAKE TARGET POINT`."""

import os
import sys
from pathlib import Path

from small_lake import SmallLake

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.serve.export.destinations.targets import parse_target
from shoplake.serve.export.export import export_tables

KILLED = 9


def die_at(point: str) -> None:
    set_crash_hook(lambda name: os._exit(KILLED) if name == point else None)


if __name__ == "__main__":
    folder, target, point = sys.argv[1:]
    die_at(point)
    export_tables(SmallLake(Path(folder)), parse_target(target))
