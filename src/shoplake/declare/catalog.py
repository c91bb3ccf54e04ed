"""All declared tables of the house, checked against each other and put in order."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from shoplake.declare import VALIDITY, Append, History, Table, Upsert
from shoplake.errors import DeclarationError, LayerBroken, UnknownTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

AnyTable: TypeAlias = "Table[...]"
RANK = {"bronze": 1, "silver": 2, "gold": 3}
DIMENSION = re.compile(r"^(decimal|double|int|bigint|timestamp)")
UNITLESS = re.compile(r"(_hash|_rate|_score|_rank|line|line_number|conversion|share)$")


class Catalog(Mapping[str, AnyTable]):
    """The tables found in a package, by name."""

    def __init__(self, tables: Iterable[AnyTable]) -> None:
        self._tables: dict[str, AnyTable] = {}
        for table in tables:
            if self._tables.setdefault(table.name, table) is not table:
                raise DeclarationError(f"'{table.name}' is declared twice.")
        for table in self._tables.values():
            self._check(table)
        self.ordered = self._in_order()

    @classmethod
    def of(cls, package: ModuleType) -> Catalog:
        """Collect what the modules of `package` declare; nothing registers itself anywhere."""
        found = [
            import_module(module.name) for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        ]
        tables = [value for module in found for value in vars(module).values() if isinstance(value, Table)]
        return cls(tables)

    def __getitem__(self, name: str) -> AnyTable:
        """The table called `name` or `layer.name`."""
        layer, _, bare = name.rpartition(".")
        table = self._tables.get(bare)
        if table is None or layer not in ("", table.layer):
            raise UnknownTable(name, [f"{each.layer}.{each.name}" for each in self._tables.values()] if layer else self)
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def read_by(self, name: str) -> list[str]:
        """The tables that read `name`."""
        return [table.name for table in self.ordered if name in table.reads]

    def _in_order(self) -> list[AnyTable]:
        """The tables, each after those it reads, and otherwise bronze first."""
        graph = {name: sorted(table.reads) for name, table in sorted(self._tables.items())}
        try:
            names = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise DeclarationError(f"Tables read each other in a circle: {' → '.join(error.args[1])}.") from None
        return sorted(map(self._tables.__getitem__, names), key=lambda table: RANK[table.layer])

    def _check(self, table: AnyTable) -> None:
        for name in table.reads:
            if name not in self._tables:
                raise UnknownTable(name, self._tables, read_by=f"{table.layer}.{table.name}")
            upstream = self._tables[name]
            if RANK[upstream.layer] > RANK[table.layer]:
                raise LayerBroken(
                    f"{table.layer}.{table.name} reads {upstream.layer}.{name}, a layer above its own. "
                    f"Move it to {upstream.layer}/, or read a table of {table.layer} or below."
                )
        for check in (_check_columns, _check_words, _check_write):
            check(table)


def _check_columns(table: AnyTable) -> None:
    declared = {column.name for column in table.columns}
    if len(declared) < len(table.columns):
        raise DeclarationError(f"{table.layer}.{table.name} declares a column twice.")
    for used in (*table.key, *table.partition_by):
        if used not in declared:
            raise DeclarationError(f"{table.layer}.{table.name} has no column '{used}' to be its key or partition.")


def _check_words(table: AnyTable) -> None:
    if not table.doc.split("\n", 1)[0].strip():
        raise DeclarationError(
            f"{table.layer}.{table.name} needs a docstring whose first sentence says what one row is."
        )
    for column in table.columns:
        if not column.doc:
            raise DeclarationError(f"{table.layer}.{table.name}.{column.name} needs a meaning.")
        has_dimension = DIMENSION.match(column.type) and not UNITLESS.search(column.name)
        if has_dimension and not column.unit:
            raise DeclarationError(f"{table.layer}.{table.name}.{column.name} is a number or time and needs a unit.")


def _check_write(table: AnyTable) -> None:
    where, names = f"{table.layer}.{table.name}", {column.name for column in table.built}
    for stream in table.streams:
        if stream not in table.reads:
            raise UnknownTable(stream, table.reads, read_by=f"{where} (as a stream)")
    if table.each_of is not None and table.each_of not in table.reads:
        raise UnknownTable(table.each_of, table.reads, read_by=f"{where} (as what each row is made of)")
    if isinstance(table.write, Upsert) and (not table.key or table.write.time not in names):
        raise DeclarationError(f"{where} is upserted and needs a key and a time column '{table.write.time}'.")
    if isinstance(table.write, Upsert) and bool(table.write.first_by) == bool(table.write.newest_by):
        raise DeclarationError(f"{where} is upserted: say either first_by or newest_by.")
    if isinstance(table.write, History):
        _check_history(table, table.write, names)
    if table.layer == "bronze" and not isinstance(table.write, Append):
        raise DeclarationError(f"{where} is bronze: it is only ever appended to.")


def _check_history(table: AnyTable, write: History, names: set[str]) -> None:
    where = f"{table.layer}.{table.name}"
    for name in (write.changed_at, *write.controls):
        if name not in names:
            raise DeclarationError(f"{where} is a history and its changes need the column '{name}'.")
    for column in VALIDITY:
        if not table.column(column.name):
            raise DeclarationError(f"{where} is a history and needs the column '{column.name}'. Add *VALIDITY.")
    if table.partition_by != ("valid_to_month",) or "valid_from" not in table.key:
        raise DeclarationError(
            f"{where} is a history: its key has valid_from in it, and it is partitioned by valid_to_month."
        )
