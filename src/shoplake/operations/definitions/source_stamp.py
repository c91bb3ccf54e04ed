"""A number for all sources, settings and versions that definitions depend on: equal numbers need no comparison."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.operations.definitions.code_hash import library_versions
from shoplake.operations.definitions.current_definitions import (
    DefinitionMemo,
    engine_version,
    feed_settings,
    project_packages,
)
from shoplake.operations.definitions.definition import declared_definition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shoplake.declare import Feeds
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine

BITS = 60


def source_stamp(engine: PipelineEngine, catalog: Catalog, feeds: Feeds) -> int | None:
    """Return the stamp of a catalog; None where a function is not in a file, or is defined in another function."""
    if any("<" in function.__qualname__ for function in _functions(catalog, feeds)):
        return None
    digest = hashlib.sha256()
    for package in sorted(project_packages(catalog, feeds)):
        files = list(_files(package))
        if not files:
            return None
        for file in files:
            digest.update(file.read_bytes())
    every = [each for table in catalog.values() for each in (table, *table.companion_tables)]
    declared = [declared_definition(table, {}) for table in every]
    settings = [(feed.name, feed_settings(feed)) for feed in feeds]
    digest.update(repr((declared, settings, engine_version(engine), _libraries(), sys.version_info)).encode())
    return int.from_bytes(digest.digest()[:8]) >> (64 - BITS)


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


def _files(package: str) -> Iterator[Path]:
    module = sys.modules.get(package)
    for folder in getattr(module, "__path__", ()):
        yield from sorted(Path(folder).rglob("*.py"))
    file = getattr(module, "__file__", None)
    if file and not hasattr(module, "__path__"):
        yield Path(file)


@cache
def _libraries() -> dict[str, str]:
    needed = importlib.metadata.requires("shoplake") or []
    return library_versions(sorted(re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in needed))
