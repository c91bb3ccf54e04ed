from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from click.testing import CliRunner

from shoplake.cli.main import main
from shoplake.deploy.databricks.checks.check_bundle import LOADER

if TYPE_CHECKING:
    from collections.abc import Callable

SHOP = """
lake = "lake"
memory_limit = "2 GiB"

[landing]
max_files_per_batch = 500

[alerts]
email = ["data@shop.example"]
from = "lake@shop.example"

[models]
mlflow = "https://user:hush@mlflow.example"

[feeds.london]
kind = "zenith"
path = "landing"
timezone = "Europe/London"
currency = "GBP"
events = { cart = "add_to_cart" }
"""
TABLE = '''
from pyspark.sql import DataFrame, functions as F

from shoplake.declare import Replace, col, table

from ...helpers import BUYER


@table(
    "gold",
    key=("feed",),
    write=Replace(),
    columns=[
        col("feed", "string", "The shop's feed", required=True),
        col("buyer", "string", "It's who bought last", personal="name"),
    ],
)
def last_buyers(sales_daily: DataFrame) -> DataFrame:
    """One row per feed: who bought last."""
    return sales_daily.groupBy("feed").agg(F.max("currency").alias(BUYER))
'''


def deploy(folder: Path, *words: object) -> Path:
    """A bundle of a project with a table of its own, written by the command."""
    (folder / "tables/gold").mkdir(parents=True)
    (folder / "tables/gold/last_buyers.py").write_text(TABLE)
    (folder / "helpers.py").write_text('BUYER = "buyer"\n')
    (folder / "shoplake.toml").write_text(SHOP)
    arguments = ["deploy", "databricks", "--out", folder / "bundle", "--config", folder / "shoplake.toml", *words]
    result = CliRunner().invoke(main, [str(word) for word in arguments])
    assert result.exit_code == 0, result.output
    return folder / "bundle"


def read(path: Path) -> dict:
    return yaml.load(path.read_text(), Loader=LOADER)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that tests only read."""
    return deploy(tmp_path_factory.mktemp("projects") / "my-shop")


@pytest.fixture
def changed(bundle: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copies the bundle with one file changed: a function gets the file's contents and changes them in place."""

    def change(file: str, edit: Callable[[dict], object]) -> Path:
        shutil.copytree(bundle, tmp_path / "bundle")
        document = read(bundle / file)
        edit(document)
        (tmp_path / "bundle" / file).write_text(json.dumps(document))
        return tmp_path / "bundle"

    return change


@pytest.fixture(scope="session")
def documents(bundle: Path) -> dict[str, dict]:
    """The YAML and JSON files of the bundle, by their paths."""
    yamls = {path: read(path) for path in bundle.rglob("*.yml")}
    jsons = {path: json.loads(path.read_text()) for path in bundle.rglob("*.json")}
    return {path.relative_to(bundle).as_posix(): each for path, each in (yamls | jsons).items()}


@pytest.fixture(scope="session")
def jobs(documents: dict[str, dict]) -> dict[str, dict]:
    """The jobs of the bundle by name."""
    return {
        name: job
        for path, document in documents.items()
        if path.endswith(".job.yml")
        for name, job in document["resources"]["jobs"].items()
    }
