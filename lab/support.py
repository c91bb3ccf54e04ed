"""What the lessons share: the simulated shop, its lake, and how an answer is checked.

The shop is made once, in the work folder: the folder of this file where lessons were started, else `work` beside it.
`SHOPLAKE_LAB_FOLDER` names another one. `SHOPLAKE_LAB_ENGINE=spark` runs lessons of both engines on Spark.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame, SparkSession

    from shoplake import Lake

TIMEZONE, CURRENCY = "America/New_York", "USD"
SHOP: dict[str, Any] = {
    "events": 10_000,
    "customers": 300,
    "products": 60,
    "days": 21,
    "error_rate": 0.05,
    "starts_on": date(2026, 3, 1),
    "timezone": TIMEZONE,
    "currency": CURRENCY,
}
"""The arguments of the simulated shop. New York's clocks change on 8 March 2026."""
TABLES = ("customers", "products", "payments", "order_lines", "ad_costs", "sessions", "sales_daily")
"""Tables of the lab's lake; those that they read are there too."""
PROGRESS = "progress.json"
ON_DATABRICKS = "DATABRICKS_RUNTIME_VERSION" in os.environ


class WrongAnswerError(Exception):
    """An answer is wrong; the message is a hint at the mistake."""


@dataclass(frozen=True)
class Shop:
    """The simulated shop: its files, their ground truth, a Spark session and a lake."""

    folder: Path
    engine: str

    @property
    def landing(self) -> Path:
        """The folder of the shop's raw files."""
        return self.folder / "landing"

    @property
    def is_spark(self) -> bool:
        """Whether the lesson runs on Apache Spark."""
        return self.engine == "spark"

    @cached_property
    def truth(self) -> dict[str, Any]:
        """The numbers that are known of the files (see `shoplake.simulate.GroundTruth`)."""
        return json.loads((self.landing / "ground_truth.json").read_text())

    @cached_property
    def lake(self) -> Lake:
        """A lake of few tables over the files. Nothing is built before `table` is called."""
        from shoplake import Lake
        from shoplake.declare import Feed
        from shoplake.declare.catalog import Catalog
        from shoplake.feeds import ZENITH
        from shoplake.project import Project
        from shoplake.settings import Settings

        project = Project()
        vars(project)["catalog"] = Catalog(_with_inputs(project.catalog, TABLES))
        feed = Feed("shop", ZENITH, str(self.landing), TIMEZONE, CURRENCY)
        remote = {"remote": "local"} if self.is_spark else {}
        return Lake(Settings(str(self.folder / "lake"), (feed,), engine=self.engine, **remote), project=project)

    @cached_property
    def spark(self) -> SparkSession:
        """A Spark session: of Databricks where the lesson runs there, else of the engine."""
        if ON_DATABRICKS:
            from pyspark.sql import SparkSession

            return SparkSession.builder.getOrCreate()
        return self.lake.engine.session

    def table(self, name: str) -> DataFrame:
        """The rows of a table of the lake, such as `silver.events`.

        The lake is built when it is first needed, on Sail: of tables this small it makes a tenth of Spark's seconds.
        """
        if not Path(self.lake.path(name)).is_dir():
            Shop(self.folder, "sail").lake.run()
        if ON_DATABRICKS:
            return self.spark.read.format("delta").load(self.lake.path(name))
        return self.lake.table(name).spark

    def path(self, stream: str) -> str:
        """The files of a stream, such as `events`, as a path that Spark reads."""
        return str(self.landing / stream)

    def scratch(self, name: str) -> Path:
        """An empty folder for what a lesson writes."""
        folder = self.folder / "scratch" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder


def work_folder() -> Path:
    """The folder of the shop's data and of the learner's files."""
    if named := os.environ.get("SHOPLAKE_LAB_FOLDER"):
        return Path(named).absolute()
    here = Path(__file__).absolute().parent
    return here if (here / PROGRESS).exists() else here / "work"


def open_shop(engine: str | None = None) -> Shop:
    """The simulated shop; its files are made where they are missing.

    `engine` is `sail` or `spark`; None means Sail, or what `SHOPLAKE_LAB_ENGINE` says.
    """
    return _open_shop(work_folder(), engine or os.environ.get("SHOPLAKE_LAB_ENGINE") or "sail")


@cache
def _open_shop(folder: Path, engine: str) -> Shop:
    shop = Shop(folder, engine)
    if not (shop.landing / "ground_truth.json").exists():
        make_shop(shop.landing)
    return shop


def make_shop(landing: Path) -> None:
    """Write the simulated shop's files and their ground truth into a folder."""
    from shoplake.simulate import generate

    generate(landing, **SHOP)


def plan_of(rows: DataFrame) -> str:
    """The physical plan of a query, as text. Nothing is computed."""
    from shoplake.engine import explain_plan

    return explain_plan(rows)


@dataclass
class Traffic:
    """What went between this process and the server of a Spark Connect session."""

    plans_executed: int = 0
    plans_analyzed: int = 0
    rows_received: int = 0
    bytes_received: int = 0


@contextmanager
def watch(spark: SparkSession) -> Iterator[Traffic]:
    """Count the plans that are sent to the server meanwhile, and the rows that come back.

    It needs Spark Connect, which both engines of the lab and Databricks' shared clusters speak.
    """
    client: Any = spark.client
    stub, traffic = client._stub, Traffic()
    client._stub = _WatchedStub(stub, traffic)
    try:
        yield traffic
    finally:
        client._stub = stub


class _WatchedStub:
    """The calls of a Spark Connect client, counted."""

    def __init__(self, stub: Any, traffic: Traffic) -> None:
        self._stub, self._traffic = stub, traffic

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stub, name)

    def AnalyzePlan(self, *args: Any, **kwargs: Any) -> Any:
        self._traffic.plans_analyzed += 1
        return self._stub.AnalyzePlan(*args, **kwargs)

    def ExecutePlan(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        self._traffic.plans_executed += 1
        return self._counted(self._stub.ExecutePlan(*args, **kwargs))

    def _counted(self, responses: Iterator[Any]) -> Iterator[Any]:
        for response in responses:
            if response.HasField("sql_command_result"):
                is_query = not response.sql_command_result.relation.HasField("local_relation")
                self._traffic.plans_executed -= is_query  # `spark.sql` of a query gives a plan, which nothing executed
            self._traffic.rows_received += response.arrow_batch.row_count
            self._traffic.bytes_received += len(response.arrow_batch.data)
            yield response


def require(condition: object, hint: str) -> None:
    """Refuse an answer with a hint unless a condition holds. Raises WrongAnswerError."""
    if not condition:
        raise WrongAnswerError(hint)


def try_answer(number: str, check: Callable[..., None], answer: Callable[..., Any]) -> None:
    """Check an answer and print whether it is right, or a hint."""
    try:
        check(answer)
    except NotImplementedError:
        print(f"Write your answer in the exercise's cell, then type: shoplake lab check {number}")
    except WrongAnswerError as error:
        print(f"Not yet: {error}")
    else:
        print("Right.")


def _with_inputs(catalog: Any, names: tuple[str, ...]) -> list[Any]:
    """The tables of these names and all that they read, and those that raw files go into."""
    found: dict[str, Any] = {}

    def add(name: str) -> None:
        table = catalog[name]
        if table.name not in found:
            for each in table.inputs:
                add(each)
            found[table.name] = table

    for name in names:
        add(name)
    return list(found.values())
