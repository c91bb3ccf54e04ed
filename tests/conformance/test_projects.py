"""A project's code on both engines: it travels by value to the workers, and maps are compared alike."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from project.conftest import KIND, SETTINGS, TABLE
from project.test_attributes import PRODUCTS

from shoplake import Lake

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.engine.write.delta_engine import DeltaEngine


pytestmark = pytest.mark.slow  # all tables of a lake on Spark; tests/project has the same on Sail


def lake_of(folder: Path, engine: DeltaEngine) -> Lake:
    """The lake of a project, on an engine."""
    lake = Lake.open(folder / "shoplake.toml")
    lake.__dict__["engine"] = engine
    return lake


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of a project."""
    for name in ("feeds", "tables/gold", "landing"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def test_the_functions_of_a_project_run_on_workers_that_cannot_import_it(project: Path, engine: DeltaEngine):
    (project / "shoplake.toml").write_text(SETTINGS.format(kind="stall"))
    (project / "feeds/stall.py").write_text(KIND)
    (project / "tables/gold/line_counts.py").write_text(TABLE.format(name="line_counts", reads="order_lines"))
    (project / "landing/a.csv").write_text("id,at,price,colour\n1,2026-03-01 09:00,5.00,red\n")
    lake = lake_of(project, engine)

    lake.run()

    assert [row.lines for row in lake.table("gold.line_counts").collect()] == [2]


def test_attributes_of_a_history_are_compared_as_they_are(project: Path, engine: DeltaEngine):
    (project / "shoplake.toml").write_text(SETTINGS.format(kind="shelf"))
    (project / "feeds/shelf.py").write_text(PRODUCTS)
    lake = lake_of(project, engine)
    for day, brand in enumerate(("Acme", "Acme", "Zenith"), 1):
        record = {"id": "P1", "at": f"2026-03-0{day}T00:00:00Z", "brand": brand}
        (project / f"landing/{day}.json").write_text(json.dumps(record) + "\n")
        lake.run()

    rows = lake.table("silver.products").orderBy("valid_from").collect()

    assert [row.attributes for row in rows] == [{"brand": "Acme"}, {"brand": "Zenith"}]
