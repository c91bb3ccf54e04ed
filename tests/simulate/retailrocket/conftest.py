"""A generated data set in DuckDB, where the ground truth is recomputed from the files."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from shoplake.simulate.retailrocket import GroundTruth, generate

SMALL = {"events": 8_000, "properties": 40_000, "days": 40}
TABLES = """
CREATE TABLE events AS SELECT * FROM read_csv('FOLDER/events*.csv', header=true, auto_detect=false, columns={
    timestamp: 'BIGINT', visitorid: 'BIGINT', event: 'VARCHAR', itemid: 'BIGINT', transactionid: 'BIGINT'});
CREATE TABLE properties AS SELECT * FROM read_csv('FOLDER/item_properties*.csv', header=true, auto_detect=false,
    columns={timestamp: 'BIGINT', itemid: 'BIGINT', property: 'VARCHAR', value: 'VARCHAR'});
CREATE TABLE tree AS SELECT * FROM read_csv('FOLDER/category_tree.csv', header=true, auto_detect=false,
    columns={categoryid: 'BIGINT', parentid: 'BIGINT'});
"""


class Landing:
    """A generated landing folder, its ground truth, and DuckDB to query it."""

    def __init__(self, folder: Path, ground_truth: GroundTruth) -> None:
        self.folder, self.ground_truth = folder, ground_truth
        self.duckdb = duckdb.connect()

    def rows(self, sql: str) -> list[tuple]:
        return self.duckdb.execute(sql).fetchall()

    def lines(self, name: str) -> list[str]:
        return (self.folder / name).read_text().splitlines()[1:]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landing]:
    folder = tmp_path_factory.mktemp("rocket")
    landing = Landing(folder, generate(folder, **SMALL))
    landing.duckdb.execute(TABLES.replace("FOLDER", str(folder)))
    yield landing
    landing.duckdb.close()


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    folder = tmp_path_factory.mktemp("rocket")
    return Landing(folder, generate(folder, **SMALL, error_rate=0.05))
