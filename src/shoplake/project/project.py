"""The kinds, tables and rules of a lake: those of shoplake, and those of the shop's own project."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from shoplake import tables as shoplake_tables
from shoplake.declare import Extension, Feature, FeedKind, Table
from shoplake.declare.catalog import Catalog
from shoplake.errors import ProjectError
from shoplake.feeds import KINDS
from shoplake.project.modules import import_folder, import_package
from shoplake.project.rule_check import check_actions, check_rules
from shoplake.transforms.features.churn_features import CHURN_FEATURES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

T = TypeVar("T")
BUILT_IN = "shoplake"
ARGUMENT = "the arguments of Lake.open"


@dataclass(frozen=True)
class Project:
    """What a lake is built with: kinds by name, own tables, rules added to tables, and own features of models."""

    kinds: Mapping[str, FeedKind] = field(default_factory=lambda: dict(KINDS))
    tables: tuple[Table[...], ...] = ()
    extensions: tuple[Extension, ...] = ()
    features: tuple[Feature, ...] = ()

    @cached_property
    def catalog(self) -> Catalog:
        """All tables, own and built in, with the rules added.

        Raises DeclarationError for names that clash, and where a rule or a table cannot work.
        """
        catalog = Catalog.from_package(shoplake_tables).extended(self.tables)
        for table in self.tables:
            check_rules(table.rules, table)
            check_actions(table.rules, table)
        for extension in self.extensions:
            table = catalog.find_extended(extension)
            check_rules(extension.expectations, table)
            check_actions(extension.expectations, table)
        return catalog.extended((), self.extensions)

    @property
    def own_kinds(self) -> list[FeedKind]:
        """The kinds that are not shoplake's."""
        return [kind for name, kind in self.kinds.items() if KINDS.get(name) is not kind]


def load_project(
    folder: Path,
    use: Sequence[str] = (),
    *,
    kinds: Iterable[FeedKind] = (),
    tables: Iterable[Table[...]] = (),
    extensions: Iterable[Extension] = (),
) -> Project:
    """Return the project in `folder`, of the packages in `use`, and of the values given.

    `folder` may have `feeds/`, `tables/` and `rules.py`; their modules are imported anew each time, and import each
    other by relative imports. Raises ProjectError for a module that cannot be imported, and for kinds of one name.
    """
    modules = [*import_folder(folder), *(module for name in use for module in import_package(name))]
    return Project(
        _by_name([*_kinds(modules), *((kind, ARGUMENT) for kind in kinds)]),
        (*_distinct(modules, Table), *tables),
        (*_distinct(modules, Extension), *extensions),
        tuple(each for each in _distinct(modules, Feature) if each not in CHURN_FEATURES),
    )


def _kinds(modules: Iterable[ModuleType]) -> Iterator[tuple[FeedKind, str]]:
    for module in modules:
        yield from ((kind, str(module.__file__)) for kind in _values(module, FeedKind))


def _by_name(kinds: Iterable[tuple[FeedKind, str]]) -> dict[str, FeedKind]:
    """Return shoplake's kinds and others by name. Raises ProjectError for two of one name, with both places."""
    known = {name: (kind, BUILT_IN) for name, kind in KINDS.items()}
    for kind, place in kinds:
        other, other_place = known.setdefault(kind.name, (kind, place))
        if other is not kind:
            raise ProjectError(f"The kind '{kind.name}' is in {other_place} and in {place}. Rename one of them.")
    return {name: kind for name, (kind, _) in known.items()}


def _distinct(modules: Iterable[ModuleType], type: type[T]) -> tuple[T, ...]:
    """Return the values of a type in the modules, each once however many modules import it."""
    return tuple({id(value): value for module in modules for value in _values(module, type)}.values())


def _values(module: ModuleType, type: type[T]) -> Iterator[T]:
    """Yield the values of a type that a module names, also those in its lists and tuples."""
    for value in list(vars(module).values()):
        yield from (each for each in (value if isinstance(value, list | tuple) else [value]) if isinstance(each, type))
