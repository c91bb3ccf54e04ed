"""The catalog of declared tables, validated against each other and in topological order."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from shoplake.declare import Extension, Table
from shoplake.declare.gate import References, seconds
from shoplake.declare.metric import find_metrics
from shoplake.declare.retention import retention_days
from shoplake.errors import DeclarationError, UnknownTableError, hint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

AnyTable: TypeAlias = "Table[...]"
RANK = {"bronze": 1, "silver": 2, "gold": 3}
INEXACT = ("double", "float")
"""Types that a key cannot have."""
DIMENSION = re.compile(r"^(decimal|double|int|bigint|timestamp)")
UNITLESS = re.compile(r"(_hash|_rate|_score|_rank|line|line_number|conversion|share)$")


class LayerViolationError(DeclarationError):
    """A table reads from a layer above its own."""


class Catalog(Mapping[str, AnyTable]):
    """The declared tables by name."""

    def __init__(self, tables: Iterable[AnyTable]) -> None:
        self._tables: dict[str, AnyTable] = {}
        for table in tables:
            first = self._tables.setdefault(table.name, table)
            if first is not table:
                places = f"in {declared_in(first)} and in {declared_in(table)}"
                raise DeclarationError(f"'{table.name}' is declared twice: {places}. Rename one of them.")
        self._check_companions()
        find_metrics(self._tables.values())
        for table in self._tables.values():
            self._check(table)
        self.ordered = self._topological_order()

    @classmethod
    def from_package(cls, package: ModuleType) -> Catalog:
        """Collect the tables that the modules of `package` declare."""
        modules = [
            import_module(module.name) for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        ]
        tables = [value for module in modules for value in vars(module).values() if isinstance(value, Table)]
        return cls(tables)

    def extended(self, tables: Iterable[AnyTable], extensions: Iterable[Extension] = ()) -> Catalog:
        """Return these tables and others, with rules added to some of them.

        Raises DeclarationError for two tables or rules of one name, and what `find_extended` does.
        """
        catalog = Catalog([*self.values(), *tables])
        for extension in extensions:
            catalog = catalog.replaced(extension.apply(catalog.find_extended(extension)))
        return catalog

    def find_extended(self, extension: Extension) -> AnyTable:
        """Return the table that an extension is of.

        Raises UnknownTableError for none, and DeclarationError for one that shoplake writes beside the declared ones.
        """
        name = extension.table
        for table in self.values():
            if name in {found for each in table.companion_tables for found in (each.name, each.qualified_name)}:
                raise DeclarationError(
                    f"{name} is written with {table.qualified_name} and takes no rules. "
                    f'Add them to that table: extend("{table.qualified_name}", …).'
                )
        if name.startswith("ops."):
            raise DeclarationError(
                f"{name} is a table of the state store, which takes no rules. Rules and gates judge bronze, silver and "
                f"gold; incidents tell of files and runs (shoplake alerts), and shoplake sql reads {name}."
            )
        return self[name]

    def replaced(self, table: AnyTable) -> Catalog:
        """Return these tables with another declaration of the one that has the name of `table`."""
        return Catalog([table if each.name == table.name else each for each in self.values()])

    def __getitem__(self, name: str) -> AnyTable:
        """Return the table called `name` or `layer.name`."""
        layer, _, bare = name.rpartition(".")
        table = self._tables.get(bare)
        if table is None or layer not in ("", table.layer):
            raise UnknownTableError(name, [each.qualified_name for each in self._tables.values()] if layer else self)
        return table

    def get(self, name: str, default: Any = None) -> Any:
        """Return the table called `name` or `layer.name`, or else `default`."""
        try:
            return self[name]
        except UnknownTableError:
            return default

    def __contains__(self, name: object) -> bool:
        """Whether a table is called `name` or `layer.name`."""
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def downstream_of(self, name: str) -> list[str]:
        """Return the tables that read `name`."""
        return [table.name for table in self.ordered if name in table.inputs]

    def upstream_of(self, names: Iterable[str]) -> set[str]:
        """Return the names of all tables that the tables of these names are made from, without these."""
        of = set(names)
        found, left = set[str](), [*of]
        while left:
            new = {*self[left.pop()].inputs} - found
            found |= new
            left += new
        return found - of

    def _check_companions(self) -> None:
        companions = {each.qualified_name: table for table in self._tables.values() for each in table.companion_tables}
        for table in self._tables.values():
            if owner := companions.get(table.qualified_name):
                raise DeclarationError(
                    f"'{table.name}' ({declared_in(table)}) has the name of a table that is written with "
                    f"{owner.qualified_name}. Rename it."
                )

    def _check_inputs(self, table: AnyTable) -> None:
        table.write.validate_inputs(table, {name: self._tables[name] for name in table.inputs})

    def _check_gates(self, table: AnyTable) -> None:
        for gate in table.gates:
            if gate.stop and table.layer == "bronze":
                raise DeclarationError(
                    f"{table.qualified_name} cannot be stopped by its gate {gate.name}: bronze keeps what arrives. "
                    "Declare the gate with a table that is made of it."
                )
            for name in gate.used_columns:
                if table.column(name) is None:
                    where = f"{table.qualified_name} has no column '{name}' for its gate {gate.name}."
                    raise DeclarationError(f"{where} {hint(name, [each.name for each in table.columns])}")
            if isinstance(gate, References):
                if gate.to.rpartition(".")[2] not in self._tables:
                    raise UnknownTableError(gate.to, self._tables, read_by=f"{table.qualified_name} (gate {gate.name})")
                if self[gate.to].column(gate.key) is None:
                    raise DeclarationError(f"{gate.to} has no column '{gate.key}' for the gate {gate.name}.")

    def _topological_order(self) -> list[AnyTable]:
        """Return the tables, each after those it reads, and otherwise bronze first."""
        graph = {name: sorted(table.inputs) for name, table in sorted(self._tables.items())}
        try:
            names = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise DeclarationError(f"Tables read each other in a circle: {' → '.join(error.args[1])}.") from None
        return sorted(map(self._tables.__getitem__, names), key=lambda table: RANK[table.layer])

    def _check(self, table: AnyTable) -> None:
        for name in table.inputs:
            if name not in self._tables:
                raise UnknownTableError(name, self._tables, read_by=table.qualified_name)
            upstream = self._tables[name]
            if RANK[upstream.layer] > RANK[table.layer]:
                raise LayerViolationError(
                    f"{table.qualified_name} reads {upstream.layer}.{name}, a layer above its own. "
                    f"Move it to {upstream.layer}/, or read a table of {table.layer} or below."
                )
        checks = (
            _check_columns,
            _check_documentation,
            _check_write,
            self._check_inputs,
            retention_days,
            _check_interval,
            self._check_gates,
        )
        for check in checks:
            check(table)
        if table.metrics is not None:
            table.metrics.check(table)


def declared_in(table: AnyTable) -> str:
    """Return the file and line of the function that builds a table."""
    code = inspect.unwrap(table.build).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _check_columns(table: AnyTable) -> None:
    declared = {column.name for column in table.columns}
    if len(declared) < len(table.columns):
        raise DeclarationError(f"{table.qualified_name} declares a column twice.")
    for used in (*table.key, *table.partition_by):
        if used not in declared:
            raise DeclarationError(f"{table.qualified_name} has no column '{used}' to be its key or partition.")
    for column in table.columns:
        if column.name in table.key and column.type in INEXACT:
            raise DeclarationError(
                f"{table.qualified_name}.{column.name} is a {column.type} and cannot be in the key: -0.0 and 0.0 are "
                "one key for some engines and two for others. Declare it as decimal(p,s) or as string."
            )


def _check_documentation(table: AnyTable) -> None:
    if not table.summary.strip():
        raise DeclarationError(f"{table.qualified_name} needs a docstring whose first sentence says what one row is.")
    for column in table.columns:
        if not column.doc:
            raise DeclarationError(f"{table.qualified_name}.{column.name} needs a meaning.")
        has_dimension = DIMENSION.match(column.type) and not UNITLESS.search(column.name)
        if has_dimension and not column.unit:
            raise DeclarationError(f"{table.qualified_name}.{column.name} is a number or time and needs a unit.")


def _check_interval(table: AnyTable) -> None:
    if not table.watch_interval:
        return
    try:
        seconds(table.watch_interval)
    except DeclarationError as error:
        raise DeclarationError(
            f"{table.qualified_name} has watch_interval = {table.watch_interval!r}. {error}"
        ) from None


def _check_write(table: AnyTable) -> None:
    where = table.qualified_name
    for stream in table.incremental:
        if stream not in table.inputs:
            raise UnknownTableError(stream, table.inputs, read_by=f"{where} (as a stream)")
    if table.one_to_one_with is not None and table.one_to_one_with not in table.inputs:
        raise UnknownTableError(table.one_to_one_with, table.inputs, read_by=f"{where} (as what each row is made of)")
    table.write.validate(table)
    if table.layer == "bronze" and not table.write.reads_files:
        raise DeclarationError(f"{where} is bronze: it is only ever appended to. Declare write=Append().")
