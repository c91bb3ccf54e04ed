"""pytest plugin for tests of a project: `some`, `lake` and `simulated_shop`.

pytest loads it wherever shoplake is installed. The project is that of the nearest `shoplake.toml` in the folders above
the test, or shoplake alone. Tests run on the embedded engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Feed, Table
    from shoplake.lake import Lake
    from shoplake.settings import Settings
    from shoplake.simulate import GroundTruth

SETTINGS = "shoplake.toml"
EVENTS, CUSTOMERS, PRODUCTS, DAYS = 2_000, 100, 40, 5
SomeRows: TypeAlias = "Callable[..., DataFrame]"


@dataclass(frozen=True)
class SimulatedShop:
    """A lake that has run once over the files of a simulated shop, and the numbers that it must have."""

    lake: Lake
    ground_truth: GroundTruth


@pytest.fixture
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    """Open the project's lake in a temporary folder: kinds, tables, rules and feeds with empty landing folders."""
    return open_lake(request.path, tmp_path)


@pytest.fixture
def some(request: pytest.FixtureRequest) -> SomeRows:
    """Rows of a declared table, by its value or name; columns that a test does not name are null.

    `some("silver.order_lines", {"product_id": "apple", "unit_price": 0.5})`. Numbers and texts stand for decimals,
    times (UTC where they have no offset) and days. Raises KeyError for a column that the table does not have.
    """
    lake = open_lake(request.path, Path("unused"))

    def rows(table: Table[...] | str, *records: Mapping[str, Any]) -> DataFrame:
        declared = lake.find(table) if isinstance(table, str) else table
        types = {column.name: column.type for column in declared.columns}
        if unknown := sorted({name for record in records for name in record} - types.keys()):
            raise KeyError(f"{declared.qualified_name} has no column {', '.join(unknown)}.")
        cells = [tuple(_cell(record.get(name), types[name]) for name in types) for record in records]
        return lake.engine.session.createDataFrame(cells, ", ".join(f"{name} {type}" for name, type in types.items()))

    return rows


@pytest.fixture(scope="module")
def simulated_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SimulatedShop:
    """Run a lake of the project once over a simulated shop of the kind `zenith`; tests of a module share it.

    Its one feed is called `shop`. `ground_truth` has the numbers that are known of the files.
    """
    from shoplake import simulate
    from shoplake.declare import Feed
    from shoplake.feeds import ZENITH

    folder = tmp_path_factory.mktemp("simulated_shop")
    ground_truth = simulate.generate(
        folder / "landing", events=EVENTS, customers=CUSTOMERS, products=PRODUCTS, days=DAYS
    )
    feed = Feed("shop", ZENITH, str(folder / "landing"), "Europe/London", "GBP")
    lake = open_lake(request.path, folder, (feed,))
    lake.run()
    return SimulatedShop(lake, ground_truth)


def open_lake(test: Path, folder: Path, feeds: tuple[Feed, ...] | None = None) -> Lake:
    """Return a lake in `folder` of the project that the file `test` belongs to, with its feeds or with others.

    The landing folder of each of the project's feeds is created empty in `folder`.
    """
    from shoplake.lake import Lake

    config = find_settings(test)
    own = Lake.open(config) if config else Lake(_settings(folder))
    settings = replace(own.settings, lake=str(folder / "lake"), engine="sail", remote=None, catalog=None, gaps=())
    if feeds is None:
        feeds = tuple(replace(feed, path=str(folder / "landing" / feed.name)) for feed in own.settings.feeds)
        if folder.is_dir():
            for feed in feeds:
                Path(feed.path).mkdir(parents=True, exist_ok=True)
    else:
        settings = replace(settings, problems=())
    return Lake(replace(settings, feeds=feeds), project=own.project)


def find_settings(test: Path) -> Path | None:
    """Return the nearest settings file in the folders above a test; None if there is none."""
    return next((folder / SETTINGS for folder in test.parents if (folder / SETTINGS).is_file()), None)


def _settings(folder: Path) -> Settings:
    from shoplake.settings import Settings

    return Settings(str(folder / "lake"), ())


def _cell(value: Any, type: str) -> Any:
    """Return a value of a column's type for a number or text that stands for it."""
    if type.startswith("decimal") and value is not None:
        return Decimal(str(value))
    if type == "timestamp" and isinstance(value, str):
        at = datetime.fromisoformat(value)
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value
