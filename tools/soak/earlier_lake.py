"""Makes a small lake with the code of an earlier commit; `tools.soak.golden --commit` runs this file with it.

It uses only what Lake, Settings and the declarations of tables had from the first format on. Code that cannot declare
the small tables of now has those that its own tests had.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from pathlib import Path
from random import Random

from shoplake import Lake
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.settings import Settings
from tools.soak.random_records import RecordMaker

try:
    from tools.soak.tables import FAMILIES, STRICT, catalog_of, kind_of
except ImportError:
    FAMILIES = {}

FILES_A_FAMILY = 3
SAMPLES = (("m1", 1), ("m2", 0))


def make_lake(folder: Path) -> None:
    """Make `lake0` of two runs in the folder, beside `landing` with the files of these and of a third."""
    maker, names = RecordMaker(Random(8)), tuple(FAMILIES)
    feed = Feed("shop", kind_of(names), str(folder / "landing"))
    number = 0
    for run in range(FILES_A_FAMILY):
        for family in names:
            number += 1
            file = folder / "landing" / family / f"{number:04}.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("".join(f"{text}\n" for text in maker.texts(family) + maker.texts(family)))
            os.utime(file, (time.time() - 60,) * 2)
        if run < FILES_A_FAMILY - 1:
            _open(Settings(str(folder / "lake0"), (feed,)), catalog_of(names, STRICT)).run()


def make_sample_lake(folder: Path) -> None:
    """Make `lake0` of the sample tables of that commit's tests; a part of its records is quarantined."""
    samples = importlib.import_module("sample_tables")
    samples.drop(folder / "landing" / "marks" / "a.json", *(samples.mark(name, n=n) for name, n in SAMPLES))
    catalog = Catalog([samples.marks_raw, samples.prices_raw, samples.marks])
    _open(Settings(str(folder / "lake0"), (samples.feed(folder / "landing"),)), catalog).run()


def _open(settings: Settings, catalog: Catalog) -> Lake:
    """Return the lake with these tables: those of its project, or its own before there were projects."""
    try:
        from shoplake.project import Project

        project = Project()
        project.__dict__["catalog"] = catalog
        return Lake(settings, project=project)
    except (ImportError, TypeError):
        lake = Lake(settings)
        lake.__dict__["catalog"] = catalog
        return lake


if __name__ == "__main__":
    (make_lake if FAMILIES else make_sample_lake)(Path(sys.argv[1]))
