"""A lake of few sample tables behind the public API: runs of it cost a tenth of those of a shop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sample_tables import MARK_FILES, PRICE_FILES, daily, drop, mark, marks, marks_raw, prices, prices_raw, totals

from shoplake.declare import Feed, FeedKind
from shoplake.declare.catalog import Catalog
from shoplake.lake import Lake
from shoplake.project.project import Project
from shoplake.settings import Settings

TABLES = (marks_raw, prices_raw, marks, prices, daily, totals)


def sample_shop(folder, tables=TABLES, **settings):
    """A lake in `folder`, with `landing` beside it; nothing has run yet."""
    (folder / "landing").mkdir(parents=True, exist_ok=True)
    project = Project()
    project.__dict__["catalog"] = Catalog(tables)
    names = {table.name for table in tables}
    kind = FeedKind("toy", "Marks", tuple(each for each in (MARK_FILES, PRICE_FILES) if each.into in names), {})
    shop = Feed("shop", kind, str(folder / "landing"))
    return Lake(Settings(str(folder / "lake"), (shop,), **settings), project=project)


def with_tables(lake, *tables):
    """The same lake with other declarations of some tables."""
    project = Project()
    project.__dict__["catalog"] = Catalog({each.name: each for each in (*lake.catalog.values(), *tables)}.values())
    return Lake(lake.settings, project=project)


def with_settings(lake, **settings):
    """The same lake with other settings."""
    return Lake(replace(lake.settings, **settings), project=lake.project)


def drop_marks(lake, number, *days):
    """A file with one mark per day, worth one piece each."""
    marks_of = [mark(f"m{number}-{day}", f"{day}T09:00:00Z") for day in days]
    return drop(lake_landing(lake) / f"marks/{number}.json", *marks_of)


def lake_landing(lake):
    """The landing folder."""
    return Path(lake.settings.feeds[0].path)
