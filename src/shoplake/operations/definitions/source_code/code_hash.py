"""Hashes of Python functions with all that they call and use, blind to formatting, docstrings and annotations."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.metadata
import re
import sys
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from shoplake.operations.definitions.source_code.source_text import source_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

UNPINNED = {"pyspark", "pyarrow", "pandas", "numpy"}
"""Libraries that only carry values: another version of them does not change what a function returns."""
Metadata = tuple[tuple[str, str], ...]
METADATA_FIELD = re.compile(r"^(Name|Version|Requires-Dist): (.*)$", re.MULTILINE)


class CodeReader:
    """Reads functions and what they reach in the packages of a project.

    `parts` has the hash of each object reached, by its qualified name; `libraries` the other libraries that are used.
    """

    def __init__(self, packages: Collection[str]) -> None:
        self.parts: dict[str, str] = {}
        self.libraries: set[str] = set()
        self._packages = frozenset(packages)
        self._seen: set[int] = set()
        self._alive: list[object] = []

    def read(self, *values: Any) -> CodeReader:
        """Add functions, classes or constants, and whatever they reach."""
        for value in values:
            self._visit(value, getattr(value, "__qualname__", type(value).__name__))
        return self

    @property
    def digest(self) -> str:
        """One hash of all that was read; empty if nothing was. Names of modules do not count."""
        return _hash(*sorted(self.parts.values())) if self.parts else ""

    def _visit(self, value: Any, name: str) -> None:
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        self._alive.append(value)
        if isinstance(value, functools.partial):
            for each in (value.func, *value.args, *value.keywords.values()):
                self._visit(each, name)
        elif callable(value) and hasattr(value, "__wrapped__"):
            self._visit(value.__wrapped__, name)
        elif isinstance(value, FunctionType | type):
            self._code(value)
        elif isinstance(value, ModuleType):
            self._library(value.__name__)
        else:
            self._constant(value, name)

    def _code(self, value: FunctionType | type) -> None:
        module = value.__module__ or ""
        if not self._is_own(module):
            return self._library(module)
        self.parts[f"{module}.{value.__qualname__}"] = _hash(source_text(value))
        if isinstance(value, FunctionType):
            return self._references(value)
        for function in filter(self._is_written, _functions(value)):
            self._references(function)
        for default in _defaults(value):
            self._visit(default, f"{module}.{value.__qualname__}.default")
        return None

    def _is_written(self, function: FunctionType) -> bool:
        """Whether a function of a class is of the project, and not one that Python adds: versions of it add others."""
        return function.__code__.co_filename != "<string>" and self._is_own(function.__globals__.get("__name__"))

    def _is_own(self, module: str | None) -> bool:
        return (module or "").partition(".")[0] in self._packages

    def _references(self, function: FunctionType) -> None:
        names = _names(function.__code__)
        for name in sorted(names & function.__globals__.keys()):
            value = function.__globals__[name]
            if isinstance(value, ModuleType) and value.__name__.partition(".")[0] in self._packages:
                for inner in sorted(names & vars(value).keys()):
                    self._visit(vars(value)[inner], f"{value.__name__}.{inner}")
            else:
                self._visit(value, f"{function.__module__}.{name}")
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
        for name, cell in cells:
            self._visit(cell.cell_contents, f"{function.__module__}.{function.__qualname__}.{name}")
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._visit(value, f"{function.__module__}.{function.__qualname__}.default")

    def _constant(self, value: Any, name: str) -> None:
        if isinstance(value, dict) and (not value or any(map(callable, value))):
            return  # a cache that is filled as functions are called
        parts = value.values() if isinstance(value, dict) else value
        is_several = isinstance(value, dict | list | tuple | set | frozenset)
        functions = [each for each in parts if callable(each)] if is_several else []
        for each in functions:
            self._visit(each, name)
        if not functions and (text := _plain_text(value)) is not None:
            self.parts[name] = _hash(text)

    def _library(self, module: str) -> None:
        name = module.partition(".")[0]
        if name == "zoneinfo":
            self.libraries.add("tzdata")
        elif name and name not in sys.stdlib_module_names | UNPINNED | self._packages:
            self.libraries.add(name)


def library_versions(names: Iterable[str]) -> dict[str, str]:
    """Return the versions of installed distributions and of those that they require, by name."""
    found: dict[str, str] = {}
    for name in names:
        own = _metadata(name.replace("_", "-"))
        found |= {each: version for field, each in own if field == "Name" for version in _versions(own)}
        needed = [each for field, each in own if field == "Requires-Dist" and "extra ==" not in each]
        inner = [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needed]
        found |= {each: version for each in inner for version in _versions(_metadata(each))}
    return found


def _versions(metadata: Metadata) -> list[str]:
    """Return the version of a distribution in a list; an empty one where it is not installed."""
    return [value for field, value in metadata if field == "Version"]


@functools.cache
def _metadata(name: str) -> Metadata:
    """Return name, version and requirements of an installed distribution as fields and values; else nothing.

    A parser of messages takes ten times as long, for the long texts below the fields.
    """
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return ()
    head = (distribution.read_text("METADATA") or "").partition("\n\n")[0]
    return tuple(METADATA_FIELD.findall(head))


def _names(code: CodeType) -> set[str]:
    """Every name that code looks up, functions inside it included."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(_names, inner))


def _functions(value: type) -> Iterator[FunctionType]:
    """Yield the functions of a class, those of its class and static methods included."""
    for member in vars(value).values():
        function = getattr(member, "__func__", member)
        if isinstance(function, FunctionType):
            yield function


def _defaults(value: type) -> Iterator[Any]:
    """Yield the defaults of the fields of a data class or named tuple."""
    for field in getattr(value, "__dataclass_fields__", {}).values():
        yield from (each for each in (field.default, field.default_factory) if each is not dataclasses.MISSING)
    yield from getattr(value, "_field_defaults", {}).values()


def _plain_text(value: Any) -> str | None:
    """Return a constant as text; None for what has no text of its own, such as objects that print their address."""
    text = repr(_ordered(value))
    return None if " at 0x" in text or "Column<" in text else text


def _ordered(value: Any) -> Any:
    """Return a value in which sets, at any depth, are sorted: their own order differs from process to process."""
    if isinstance(value, set | frozenset):
        return ["set", *sorted(repr(_ordered(each)) for each in value)]
    if isinstance(value, dict):
        return {name: _ordered(each) for name, each in value.items()}
    return [_ordered(each) for each in value] if type(value) in (list, tuple) else value


def _hash(*texts: str) -> str:
    return hashlib.sha256("\x00".join(texts).encode()).hexdigest()[:16]
