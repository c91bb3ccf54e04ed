"""Numbers for the sources, settings and versions that definitions depend on: equal numbers need no comparison."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import sys
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from shoplake.operations.definitions.current_definitions import (
    DefinitionMemo,
    engine_version,
    feed_settings,
    project_packages,
)
from shoplake.operations.definitions.definition import declared_definition
from shoplake.operations.definitions.source_code.code_hash import UNPINNED, library_versions
from shoplake.operations.definitions.source_code.import_graph import BUILT_IN, ImportGraph, import_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from shoplake.declare import Feed, Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine
    from shoplake.operations.definitions.definition import Definition

BITS = 60


class Stamps:
    """The stamps of a lake and of its tables: of their sources as they are on the disk when this is made.

    Equal stamps of a table mean that its function makes the same plan: the files that its function and its feeds'
    mappings can reach by imports are the same, and so are the declarations, the settings and the versions.
    """

    def __init__(self, engine: PipelineEngine, catalog: Catalog, feeds: Feeds) -> None:
        self._engine, self._catalog, self._feeds = engine, catalog, feeds
        self._sources = import_graph(project_packages(catalog, feeds))

    @cached_property
    def lake(self) -> int | None:
        """The stamp of all tables; None where a function is not in a file, or is defined in another function."""
        if not self._sources.is_complete or any(map(_is_local, _functions(self._catalog, self._feeds))):
            return None
        every = [each for table in self._catalog.values() for each in (table, *table.companion_tables)]
        declared = [declared_definition(table, {}) for table in every]
        settings = [(feed.name, feed_settings(feed)) for feed in self._feeds]
        return _number(sorted(self._sources.digests.items()), declared, settings, self._versions)

    @cached_property
    def tables(self) -> dict[str, int]:
        """The stamp of each table that other tables make, if it has one; by `layer.table`."""
        if not self._sources.is_complete:
            return {}
        tables = [table for table in self._catalog.ordered if table.inputs]
        stamps = {table.qualified_name: self._of_table(table) for table in tables}
        return {name: stamp for name, stamp in stamps.items() if stamp is not None}

    def with_settings_of(self, definition: Definition) -> int | None:
        """Return the stamp that a table would have with the settings in another definition of it."""
        return self._of_table(self._catalog[definition.table], definition.settings)

    def _of_table(self, table: Table[...], settings: Mapping[str, Mapping[str, Any]] | None = None) -> int | None:
        feeds = self._feeds if "feeds" in table.parameters else ()
        functions = [table.build, *(each for feed in feeds for each in _mappers(feed))]
        if any(map(_is_local, functions)):
            return None
        files = self._reached(frozenset(function.__module__ for function in functions))
        declared = [self._declared(each) for each in (table.name, *table.inputs)]
        if settings is None:
            settings = {feed.name: feed_settings(feed) for feed in feeds}
        values = sorted((name, sorted(each.items())) for name, each in settings.items())
        return _number(files, declared, values, [(feed.name, _kind(feed)) for feed in feeds], self._versions)

    def _reached(self, modules: frozenset[str]) -> list[object]:
        """Return the files that modules reach, and the versions of the libraries that a project imports itself.

        Of a project's own packages all files count.
        """
        is_own = any(each.partition(".")[0] != BUILT_IN for each in modules)
        files = self._sources.reached_from(modules | self._own if is_own else modules)
        return [sorted(files.items()), self._own_libraries if is_own else []]

    @cached_property
    def _own(self) -> set[str]:
        """The modules of a project."""
        return {name for name in self._sources.digests if name.partition(".")[0] != BUILT_IN}

    @cached_property
    def _own_libraries(self) -> list[tuple[str, object]]:
        """The libraries that a project imports, with their versions; of those that only carry values none."""
        return [(name, _version(name)) for name in sorted(self._sources.libraries(self._own) - UNPINNED)]

    def _declared(self, name: str) -> Definition:
        return declared_definition(self._catalog[name], {})

    @cached_property
    def _versions(self) -> tuple[object, ...]:
        return engine_version(self._engine), _libraries(), sys.version_info


def definition_memo(stamp: int | None, catalog: Catalog, feeds: Feeds) -> DefinitionMemo:
    """Return what this process knows of the definitions of a stamp: a process opens many lakes of one catalog.

    A new one for no stamp, or where a module was loaded again since, whose functions are then others.
    """
    return DefinitionMemo() if stamp is None else _memo(stamp, _functions(catalog, feeds))


@lru_cache(maxsize=32)
def _memo(stamp: int, functions: tuple[Callable[..., Any], ...]) -> DefinitionMemo:
    return DefinitionMemo()


def _functions(catalog: Catalog, feeds: Feeds) -> tuple[Callable[..., Any], ...]:
    mappings = [each for feed in feeds for each in feed.kind.mappings.values()]
    return (*(table.build for table in catalog.values()), *(mapper for each in mappings for mapper in each.values()))


def _mappers(feed: Feed) -> Iterator[Callable[..., Any]]:
    for mappings in (feed.kind.mappings, feed.kind.waiting):
        yield from (mapper for each in mappings.values() for mapper in each.values())


def _is_local(function: Callable[..., Any]) -> bool:
    """Whether a function has values of its own, which are in no file."""
    return "<" in getattr(function, "__qualname__", "<partial>")


def _kind(feed: Feed) -> object:
    """Return a kind's values, its functions by their names."""
    kind = feed.kind
    names = [
        [(table, source, f"{mapper.__module__}.{mapper.__qualname__}") for source, mapper in mappers.items()]
        for mapping in (kind.mappings, kind.waiting)
        for table, mappers in mapping.items()
    ]
    return kind.name, kind.streams, names, kind.funnel_steps, kind.joins


def _number(*values: object) -> int:
    digest = hashlib.sha256(repr(values).encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - BITS)


def _version(library: str) -> object:
    """Return the version of a library that a project imports; of a module without one, its files."""
    if versions := library_versions([library]):
        return versions
    return sorted(ImportGraph({library}).digests.items())


@cache
def _libraries() -> dict[str, str]:
    needed = importlib.metadata.requires("shoplake") or []
    return library_versions(sorted(re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needed))
