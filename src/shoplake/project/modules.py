"""Imports the modules of a project, and registers them to travel by value to the engine's workers."""

from __future__ import annotations

import ast
import hashlib
import importlib
import pkgutil
import sys
import traceback
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from pyspark import cloudpickle

from shoplake.errors import ProjectError
from shoplake.operations.definitions.source_code.loaded_sources import keep_sources
from shoplake.operations.definitions.source_code.syntax_tree import parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

FOLDERS = ("feeds", "tables")
RULES = "rules.py"
PARTS = (*FOLDERS, RULES)
"""What a project has beside its settings."""
NO_SESSION = ("NO_ACTIVE_OR_DEFAULT_SESSION", "CONNECT_URL_NOT_SET")
"""What Spark's client says of a module that needs a session when it is imported."""
_lock = RLock()


def import_folder(folder: Path) -> list[ModuleType]:
    """Import the modules of a project's folder anew: those in `feeds/` and `tables/`, and `rules.py`.

    The folder becomes a package with a name of its own, so that projects do not disturb each other or other packages
    called `tables`; its modules import each other by relative imports. A folder without such modules has none.
    """
    files = _module_files(folder)
    _check_places(folder)
    if not files:
        return []
    name = f"shoplake_project_{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    with _lock:
        for known in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
            del sys.modules[known]
        importlib.invalidate_caches()
        _create_package(name, folder)
        modules = [_import_file(name, folder, file) for file in files]
        keep_sources(name)
        return modules


def import_package(name: str) -> list[ModuleType]:
    """Import an installed package or module with its submodules."""
    try:
        package = importlib.import_module(name)
        _send_by_value(package)
        inner = pkgutil.walk_packages(getattr(package, "__path__", []), f"{name}.")
        modules = [package, *(importlib.import_module(module.name) for module in inner)]
        keep_sources(name)
        return modules
    except Exception as error:
        if find_spec(name.partition(".")[0]) is None:
            raise ProjectError(f'use = ["{name}"] in shoplake.toml: there is no such package. Install it.') from None
        raise ProjectError(f'use = ["{name}"] in shoplake.toml: {type(error).__name__}: {error}') from error


def _module_files(folder: Path) -> list[Path]:
    files = [file for name in FOLDERS for file in sorted((folder / name).rglob("*.py"))]
    rules = folder / RULES
    visible = [file for file in files if not _is_hidden(file.relative_to(folder))]
    return [*visible, *([rules] if rules.is_file() else [])]


def _check_places(folder: Path) -> None:
    """Raise ProjectError for declarations in a file with the name of a folder: they would be lost without a word."""
    for name in FOLDERS:
        file = folder / f"{name}.py"
        if file.is_file() and "shoplake" in file.read_text(encoding="utf-8", errors="replace"):
            target = "tables/gold" if name == "tables" else name
            raise ProjectError(
                f"{file} is not read: {name} are declared in files of the folder {target}/. Move it there."
            )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.parts)


def _create_package(name: str, folder: Path) -> None:
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    package = module_from_spec(spec)
    sys.modules[name] = package
    _send_by_value(package)


def _send_by_value(package: ModuleType) -> None:
    """Let the functions of a package, and of the modules in it, travel to workers that cannot import it."""
    cloudpickle.register_pickle_by_value(package)  # type: ignore[no-untyped-call]


def _import_file(package: str, folder: Path, file: Path) -> ModuleType:
    parts = file.relative_to(folder).with_suffix("").parts
    if not all(part.isidentifier() for part in parts):
        raise ProjectError(f"{file}: rename it, as a module's name has letters, digits and _ only.")
    try:
        with _no_bytecode():
            module = importlib.import_module(".".join((package, *parts)))
    except Exception as error:
        raise ProjectError(f"{_place(error, folder, file)}: {type(error).__name__}: {_message(error)}") from error
    _check_extensions(file)
    return module


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Write no compiled files: a source that changes within a second, and keeps its size, looks the same to Python."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _place(error: Exception, folder: Path, file: Path) -> str:
    """Return the file and line of the project where an import failed."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [each for each in traceback.extract_tb(error.__traceback__) if Path(each.filename).is_relative_to(folder)]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(file)


def _message(error: Exception) -> str:
    if any(code in str(error) for code in NO_SESSION):
        return (
            "there is no Spark session while a project is loaded. Write the type of a Python function as a value, "
            'such as StringType() instead of "string", and take the session from an input: rows.sparkSession.'
        )
    return error.msg if isinstance(error, SyntaxError) else str(error)


def _check_extensions(file: Path) -> None:
    """Raise ProjectError for a call of `extend` at the top of a module whose result has no name: it would be lost."""
    for statement in parse_source(file.read_text(encoding="utf-8")).body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "extend":
            raise ProjectError(f"{file}:{statement.lineno}: give the rules a name: events_rules = extend(…)")
