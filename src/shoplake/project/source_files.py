"""The files that a project consists of: its feeds, tables and rules, and what they import from beside them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from shoplake.operations.definitions.source_code.syntax_tree import parse_source
from shoplake.project.modules import FOLDERS, RULES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def source_files(folder: Path) -> list[Path]:
    """Return the files of the project in `folder`, by path: all in `feeds/` and `tables/`, `rules.py`, and modules.

    The modules are those that relative imports name, directly or through others, and the `__init__.py` of their
    packages. Hidden files and compiled ones are left out.
    """
    inner = [file for name in FOLDERS for file in (folder / name).rglob("*") if file.is_file()]
    files = {file for file in [*inner, folder / RULES] if file.is_file() and not _is_left_out(file.relative_to(folder))}
    waiting = list(files)
    while waiting:
        found = {each for each in _imported(waiting.pop(), folder) if each.is_file()} - files
        files |= found
        waiting += found
    return sorted(files)


def _is_left_out(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _imported(file: Path, folder: Path) -> Iterator[Path]:
    """Yield the files that the relative imports of a module may mean, whether they exist or not."""
    for node in _statements(file) if file.suffix == ".py" else ():
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        place = file.parents[node.level - 1]
        if not place.is_relative_to(folder):
            continue
        module = place.joinpath(*(node.module or "").split("."))
        for path in (module, *(module / each.name for each in node.names)):
            yield from (path.with_name(f"{path.name}.py"), path / "__init__.py")


def _statements(file: Path) -> Iterator[ast.AST]:
    """Yield the statements of a module; of one that cannot be parsed, which no project loads, none."""
    try:
        yield from ast.walk(parse_source(file.read_bytes()))
    except (SyntaxError, ValueError):
        return
