"""The sources of modules as they were when a process loaded them.

A file may be edited while the process goes on with the code that it has: what it writes is of that code.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class _LoadedSource:
    """The text of a module's file, and the module's spec, which is another one once the module is loaded again."""

    spec: object
    text: bytes


_sources: dict[str, _LoadedSource] = {}


def keep_sources(package: str) -> None:
    """Keep the texts of the modules of a package, which were loaded just now.

    A module that was loaded earlier, and is kept, stays as it was then.
    """
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if is_in(name, package) and file and file.endswith(".py") and loaded_source(name) is None:
            with contextlib.suppress(OSError):
                _sources[name] = _LoadedSource(module.__spec__, Path(file).read_bytes())


def loaded_source(name: str) -> bytes | None:
    """Return the text that a module was loaded from, if it is kept and the module was not loaded again since."""
    kept, module = _sources.get(name), sys.modules.get(name)
    return kept.text if kept and module is not None and module.__spec__ is kept.spec else None


def modules_of(package: str) -> Iterator[tuple[str, str]]:
    """Yield the modules of a package by name, with their files; none of one that is not loaded."""
    module = sys.modules.get(package)
    for folder in getattr(module, "__path__", ()):
        for parent, _, names in os.walk(folder):
            inner = package + parent[len(folder.rstrip(os.sep)) :].replace(os.sep, ".")
            for name in sorted(names):
                if name.endswith(".py"):
                    yield inner if name == "__init__.py" else f"{inner}.{name[:-3]}", f"{parent}/{name}"
    single = getattr(module, "__file__", None)
    if single and not hasattr(module, "__path__"):
        yield package, single


def is_in(name: str, package: str) -> bool:
    """Whether a module is a package or in it."""
    return name == package or name.startswith(f"{package}.")
