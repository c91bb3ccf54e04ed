"""The source files of packages, and which of them a module can reach by its imports."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.operations.definitions.source_code.loaded_sources import is_in, loaded_source, modules_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

BUILT_IN = "shoplake"
"""The package that a process loads once."""
IMPORT = re.compile(r"(?:^|[:;])[ \t]*(?:from|import)[ \t]+(\.?\w*)", re.MULTILINE)
"""The first name of an import; a point for a relative one."""
DYNAMIC = re.compile(r"\bimport_module\b|\b__import__\b|\bsys\.modules\b|\bexec\(|\beval\(")
"""What may import a module that no import statement names."""
WHOLE_IMPORT = re.compile(r"(?:^|[:;])[ \t]*import[ \t]([^\n]*)", re.MULTILINE)
"""What is imported by statements that bind packages, and not names of them."""
NEVER_RUN = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t]+.*\n|\n)*", re.MULTILINE)
"""Imports for type checkers alone."""
NAMES = re.compile(r"\w+")


class ImportGraph:
    """The modules of packages by their texts; nothing is imported, so that imports inside functions count too.

    What a module reaches is never too little: a module that imports a package whole, or one by a computed name, reaches
    all modules; one with a relative import reaches its own package.
    """

    def __init__(self, packages: Collection[str]) -> None:
        self._packages = sorted(packages)
        self._texts = {name: _text(name, file) for each in self._packages for name, file in modules_of(each)}
        roots = "|".join(map(re.escape, self._packages))
        self._from_import = re.compile(rf"\bfrom[ \t]+((?:{roots})(?:\.\w+)*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)")
        self._reached: dict[str, frozenset[str] | None] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every package has files."""
        return all(any(is_in(name, each) for name in self._texts) for each in self._packages)

    @cached_property
    def digests(self) -> dict[str, str]:
        """The hash of each module's file."""
        return {name: hashlib.sha256(text).hexdigest() for name, text in self._texts.items()}

    def reached_from(self, modules: Iterable[str]) -> dict[str, str]:
        """Return the modules that some modules reach, themselves and their packages included, with their hashes."""
        reached: set[str] = set()
        waiting = [*modules]
        while waiting:
            name = waiting.pop()
            if name in reached:
                continue
            found = self._imports(name)
            if found is None:
                return self.digests
            reached.add(name)
            waiting += found - reached
        parents = {".".join(name.split(".")[:length]) for name in reached for length in range(1, name.count(".") + 1)}
        return {name: self.digests[name] for name in sorted(reached | parents) if name in self.digests}

    def libraries(self, modules: Iterable[str]) -> set[str]:
        """Return the other packages that modules import, those of the standard library left out."""
        texts = (self._texts[name].decode(errors="replace") for name in modules)
        names = {name for text in texts for name in IMPORT.findall(text)}
        return {name for name in names if name.isidentifier()} - sys.stdlib_module_names - {*self._packages}

    def _imports(self, name: str) -> frozenset[str] | None:
        """Return the modules that a module names; None for all modules."""
        if name not in self._reached:
            self._reached[name] = self._found(name)
        return self._reached[name]

    def _found(self, name: str) -> frozenset[str] | None:
        if name not in self._texts:
            return None
        text = NEVER_RUN.sub("", self._texts[name].decode(errors="replace")).replace("\\\n", " ")
        whole = NAMES.findall(" ".join(WHOLE_IMPORT.findall(text)))
        if DYNAMIC.search(text) or any(each in self._packages for each in whole):
            return None
        imports = self._from_import.findall(text)
        found = {each for module, names in imports for each in self._targets(module, NAMES.findall(names))}
        if any(each.startswith(".") for each in IMPORT.findall(text)):
            found |= {each for each in self._texts if is_in(each, name.partition(".")[0])}
        return frozenset(found)

    def _targets(self, module: str, names: list[str]) -> set[str]:
        """Return the modules that `from module import names` reads: the module, modules in it, whole packages."""
        while module not in self._texts:
            module = module.rpartition(".")[0]
        inner = {f"{module}.{name}" for name in names} & self._texts.keys()
        whole = {each for name in inner & self._parents for each in self._texts if is_in(each, name)}
        return inner | whole | ({module} if len(inner) < len(names) else set())

    @cached_property
    def _parents(self) -> set[str]:
        """The packages among the modules."""
        return {name.rpartition(".")[0] for name in self._texts}


def import_graph(packages: Iterable[str]) -> ImportGraph:
    """Return the graph of packages as their files were loaded, or else are on the disk.

    It is the one before unless a file is another since.
    """
    names = tuple(sorted(packages))
    return _graph(
        names, tuple(state for each in names for state in (_first_states if each == BUILT_IN else _states)(each))
    )


def _states(package: str) -> tuple[tuple[str, int, int], ...]:
    """Return the files of a package with their times and sizes, or the hash and size of what was loaded."""
    return tuple((file, *_state(name, file)) for name, file in modules_of(package))


def _state(name: str, file: str) -> tuple[int, int]:
    if (text := loaded_source(name)) is not None:
        return hash(text), len(text)
    state = os.stat(file)  # noqa: PTH116 - there are many
    return state.st_mtime_ns, state.st_size


def _text(name: str, file: str) -> bytes:
    text = loaded_source(name)
    return Path(file).read_bytes() if text is None else text


_first_states = cache(_states)
"""The same as it was at first, for a package that a process loads once: what becomes of it later is not what runs."""


@lru_cache(maxsize=8)
def _graph(packages: tuple[str, ...], files: tuple[tuple[str, int, int], ...]) -> ImportGraph:
    return ImportGraph(packages)
