"""The systems under test: the command of each, and the files of its tables."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from deltalake import DeltaTable

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


class Command(Protocol):
    """Prepares a new folder for a run and returns the command."""

    def __call__(self, landing: Path, folder: Path, memory: str) -> list[str]:
        """Return the command of the full build from `landing` into `folder`."""


@dataclass(frozen=True)
class System:
    """A system under test; `files` returns the files of a table such as `gold/sales_daily` in the folder of a run."""

    name: str
    packages: tuple[str, ...]
    command: Command
    files: Callable[[Path, str], list[str]]


def _config(engine: str) -> Command:
    """Create the command of a run with an engine and the peers' tables, into a lake in the run's folder."""

    def command(landing: Path, folder: Path, memory: str) -> list[str]:
        folder.mkdir(parents=True)
        config = folder / "shoplake.toml"
        config.write_text(
            f'lake = "lake"\n{engine}\nmemory_limit = "{memory}"\n\n'
            f'[feeds.shop]\nkind = "zenith"\npath = "{landing}"\ntimezone = "Europe/London"\ncurrency = "GBP"\n',
            encoding="utf-8",
        )
        return [sys.executable, str(HERE / "shoplake_job.py"), str(config)]

    return command


def _duckdb(landing: Path, folder: Path, memory: str) -> list[str]:
    return [sys.executable, str(HERE / "duckdb_job.py"), str(landing), str(folder), "--memory", memory]


def _delta(folder: Path, table: str) -> list[str]:
    return DeltaTable(folder / "lake" / table).file_uris()


def _parquet(folder: Path, table: str) -> list[str]:
    return [str(file) for file in sorted((folder / table).rglob("*.parquet"))]


SHOPLAKE_PACKAGES = ("shoplake", "pysail", "pyspark-client", "deltalake")
SHOPLAKE = System("shoplake", SHOPLAKE_PACKAGES, _config('engine = "sail"'), _delta)
SPARK = System("spark", SHOPLAKE_PACKAGES, _config('engine = "spark"\nremote = "local"'), _delta)
"""The same code on a local Spark Connect server, which keeps running between runs: its start is not counted."""
DUCKDB = System("duckdb", ("duckdb",), _duckdb, _parquet)
SYSTEMS = {system.name: system for system in (SHOPLAKE, DUCKDB, SPARK)}
