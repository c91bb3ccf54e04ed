"""Makes a small lake with the code of an earlier commit; `tools.soak.golden --commit` runs this file with it.

It uses only what Lake, Settings and the declarations of tables had from the first format on.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from random import Random

from shoplake import Lake
from shoplake.declare import Feed
from shoplake.settings import Settings
from tools.soak.random_records import RecordMaker
from tools.soak.tables import FAMILIES, STRICT, catalog_of, kind_of

FILES_A_FAMILY = 3


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
            _open(Settings(str(folder / "lake0"), (feed,))).run()


def _open(settings: Settings) -> Lake:
    """Return the lake with the small tables: those of its project, or its own before there were projects."""
    catalog = catalog_of(tuple(FAMILIES), STRICT)
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
    make_lake(Path(sys.argv[1]))
