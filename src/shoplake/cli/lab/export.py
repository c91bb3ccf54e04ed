"""Exports lessons as notebooks, with what they need beside them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from shoplake.cli.lab.cells import read_cells, to_databricks, to_notebook
from shoplake.cli.lab.lesson import SUPPORT, list_lessons

if TYPE_CHECKING:
    from pathlib import Path

EXTRAS = ("environment_setup.ipynb", "data_generator.py", "ELT.py")
"""Notebooks beside the numbered lessons."""
FORMATS = {"ipynb": (".ipynb", to_notebook), "databricks": (".py", to_databricks)}
"""The suffix and the writer of each format."""


def export_lab(lab: Path, folder: Path, format_: str) -> list[Path]:
    """Write all lessons as notebooks into a folder, without solutions and mistakes; return the files written.

    `format_` is one of FORMATS. Equal lessons give equal bytes.
    """
    suffix, write = FORMATS[format_]
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(lab / SUPPORT, folder / SUPPORT)
    written = [folder / SUPPORT]
    cells = {lesson.name: lesson.learner_cells for lesson in list_lessons(lab)}
    cells |= {(lab / name).stem: read_cells(lab / name) for name in EXTRAS if (lab / name).is_file()}
    for name, each in cells.items():
        file = folder / f"{name}{suffix}"
        file.write_text(write(each), encoding="utf-8")
        written.append(file)
    return written
