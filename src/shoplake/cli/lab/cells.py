"""Cells of a lesson, read from percent cells in a Python file or from a Jupyter notebook."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MARKER = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?P<options>.*)$")
OPTION = re.compile(r"(\w+)=")


@dataclass(frozen=True)
class Cell:
    """A cell of a lesson: code or Markdown, with its tags and other metadata."""

    source: str
    is_markdown: bool = False
    tags: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    line: int = 1
    """The line of the file on which the source begins."""


def read_cells(file: Path) -> list[Cell]:
    """Return the cells of a Python file or of a notebook. Raises ValueError for a notebook that is not JSON."""
    text = file.read_text(encoding="utf-8")
    return notebook_cells(text) if file.suffix == ".ipynb" else percent_cells(text)


def percent_cells(text: str) -> list[Cell]:
    """Return the cells of a text in the percent format of Jupytext, VS Code and Spyder."""
    cells: list[Cell] = []
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if MARKER.match(line)]
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = MARKER.match(lines[start])
        assert match is not None
        is_markdown = match["markdown"] is not None
        body = [_uncommented(line) for line in lines[start + 1 : stop]] if is_markdown else lines[start + 1 : stop]
        options = _options(match["options"])
        tags = tuple(options.pop("tags", ()))
        cells.append(Cell("\n".join(body).strip("\n"), is_markdown, tags, options, start + 2))
    return cells


def notebook_cells(text: str) -> list[Cell]:
    """Return the cells of a Jupyter notebook. Raises ValueError where the text is not JSON."""
    return [
        Cell(
            "".join(cell["source"]),
            cell["cell_type"] == "markdown",
            tuple(cell.get("metadata", {}).get("tags", ())),
        )
        for cell in json.loads(text)["cells"]
    ]


def to_percent(cells: list[Cell]) -> str:
    """Return cells in the percent format."""
    return "\n\n".join(f"{_marker(cell)}\n{_commented(cell)}" for cell in cells) + "\n"


def to_notebook(cells: list[Cell]) -> str:
    """Return cells as a Jupyter notebook of format 4.5."""
    language = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    made = [_notebook_cell(number, cell) for number, cell in enumerate(cells, 1)]
    notebook = {"cells": made, "metadata": language, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def to_databricks(cells: list[Cell]) -> str:
    """Return cells as a Databricks notebook in source format."""
    parts = [
        "\n".join(f"# MAGIC {line}".rstrip() for line in ("%md", *cell.source.splitlines()))
        if cell.is_markdown
        else cell.source
        for cell in cells
    ]
    return "# Databricks notebook source\n" + "\n\n# COMMAND ----------\n\n".join(parts) + "\n"


def _options(text: str) -> dict[str, Any]:
    """Return the metadata of a cell: names with JSON values."""
    found: dict[str, Any] = {}
    decoder, at = json.JSONDecoder(), 0
    while match := OPTION.search(text, at):
        found[match[1]], at = decoder.raw_decode(text, match.end())
    return found


def _marker(cell: Cell) -> str:
    tags = f" tags={json.dumps(list(cell.tags))}" if cell.tags else ""
    others = "".join(f" {name}={json.dumps(value)}" for name, value in cell.options.items())
    return f"# %%{' [markdown]' if cell.is_markdown else ''}{tags}{others}"


def _commented(cell: Cell) -> str:
    if not cell.is_markdown:
        return cell.source
    return "\n".join(f"# {line}".rstrip() for line in cell.source.splitlines())


def _uncommented(line: str) -> str:
    return line.removeprefix("#").removeprefix(" ")


def _notebook_cell(number: int, cell: Cell) -> dict[str, Any]:
    metadata = {"tags": list(cell.tags)} if cell.tags else {}
    common = {"id": f"cell-{number}", "metadata": metadata, "source": cell.source.splitlines(keepends=True)}
    if cell.is_markdown:
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **common}
