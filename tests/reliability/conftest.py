from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from shoplake.simulate import generate

from .lakes import ALL_TABLES, ANSWERS, EVENTS, FEW_TABLES, content, lake_at, raw_files

if TYPE_CHECKING:
    from shoplake.lake import Lake


@dataclass(frozen=True)
class Shop:
    """A small shop's files, their ground truth, and a lake that ingested them in one run."""

    landing: Path
    lake: Path
    tables: tuple[str, ...]
    files: list[Path] = field(repr=False)
    ground_truth: dict[str, Any] = field(repr=False)
    content: dict[str, list[str]] = field(repr=False)

    def open(self, lake: Path, landing: Path | None = None) -> Lake:
        """A lake of the same tables, of the shop's files or of another folder's."""
        return lake_at(lake, landing or self.landing, tables=self.tables)

    def answers(self) -> dict[str, list[str]]:
        """What the lake holds in silver and gold."""
        return {name: rows for name, rows in self.content.items() if name in ANSWERS}


@pytest.fixture(scope="session", params=[FEW_TABLES, ALL_TABLES])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    landing, lake = tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("oneshot") / "lake"
    generate(landing, events=5_000, customers=150, products=60, days=9, error_rate=0.04, seed=6)
    lake_at(lake, landing, tables=request.param).run()
    ground_truth = json.loads((landing / "ground_truth.json").read_text(encoding="utf-8"))
    return Shop(landing, lake, request.param, raw_files(landing), ground_truth, content(lake))


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    folder.mkdir()
    return folder


@pytest.fixture
def lake(tmp_path: Path, landing: Path) -> Lake:
    """A lake that keeps events only, not yet filled, of the folder `landing`."""
    return lake_at(tmp_path / "lake", landing, tables=EVENTS)


@pytest.fixture
def at(tmp_path: Path) -> Path:
    """Where that lake lies."""
    return tmp_path / "lake"
