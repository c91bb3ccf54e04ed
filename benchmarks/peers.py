"""The peers: one entry each, with the command to run and the location of its tables."""

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
    """Prepares the new folder of a run and returns the command to start."""

    def __call__(self, landing: Path, folder: Path, memory: str) -> list[str]:
        """Return the command that does the whole job from `landing` into `folder`."""


@dataclass(frozen=True)
class Peer:
    """One way to do the job: `files` are those of a table such as `gold/sales_daily` in the folder of a run."""

    name: str
    packages: tuple[str, ...]
    command: Command
    files: Callable[[Path, str], list[str]]


def _config(engine: str) -> Command:
    """The command line's run with an engine, into a lake in the run's folder."""

    def command(landing: Path, folder: Path, memory: str) -> list[str]:
        folder.mkdir(parents=True)
        config = folder / "shoplake.toml"
        config.write_text(
            f'lake = "lake"\n{engine}\nmemory_limit = "{memory}"\n\n'
            f'[feeds.shop]\nkind = "zenith"\npath = "{landing}"\ntimezone = "Europe/London"\ncurrency = "GBP"\n',
            encoding="utf-8",
        )
        return [sys.executable, "-m", "shoplake", "run", "--json", "--config", str(config)]

    return command


def _duckdb(landing: Path, folder: Path, memory: str) -> list[str]:
    return [sys.executable, str(HERE / "duckdb_job.py"), str(landing), str(folder), "--memory", memory]


def _delta(folder: Path, table: str) -> list[str]:
    return DeltaTable(folder / "lake" / table).file_uris()


def _parquet(folder: Path, table: str) -> list[str]:
    return [str(file) for file in sorted((folder / table).rglob("*.parquet"))]


OURS = ("shoplake", "pysail", "pyspark-client", "deltalake")
SHOPLAKE = Peer("shoplake", OURS, _config('engine = "sail"'), _delta)
SPARK = Peer("spark", OURS, _config('engine = "spark"\nremote = "local"'), _delta)
"""The same code on a local Spark Connect server, which keeps running between runs: its start is not counted."""
DUCKDB = Peer("duckdb", ("duckdb",), _duckdb, _parquet)
PEERS = {peer.name: peer for peer in (SHOPLAKE, DUCKDB, SPARK)}
