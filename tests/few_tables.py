"""The command line where lakes have few tables; as a process: `python few_tables.py run --config shoplake.toml`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from reliability.lakes import BRONZE, with_read

from shoplake.declare.catalog import Catalog
from shoplake.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TABLES = (*BRONZE, "ad_costs", "customers", "payments", "event_identity", "funnel_daily", "sales_daily")
"""With what they read, all that feeds are mapped to; a run of these costs a third of one of all tables."""
FILES = (*BRONZE, "ad_costs", "customers", "exchange_rates", "order_lines", "payments")
"""With what they read, the fewest: those that feeds are mapped to."""
ALL = Project.__dict__["catalog"].func


class FewTables(cached_property):
    """The catalog of a project: some of shoplake's tables, and all of the project's own."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(lambda project: Catalog(with_read(ALL(project), (*names, *map(name_of, project.tables)))))
        self.__set_name__(Project, "catalog")


def name_of(table) -> str:
    return table.name


@contextmanager
def few_tables(names: Iterable[str] = TABLES) -> Iterator[None]:
    """Projects have few tables meanwhile: these, with those that they read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Project, "catalog", FewTables(names))
        yield


if __name__ == "__main__":
    from shoplake.cli.process import run_process

    with few_tables():
        run_process()
