"""The definitions of all tables as the code and settings are now."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from shoplake.engine import check_schema
from shoplake.errors import DeclarationError
from shoplake.operations.definitions.definition import (
    Definition,
    declared_definition,
    shape_hash,
    with_logic_of,
)
from shoplake.operations.definitions.function_errors import (
    check_is_frame,
    check_reads,
    naming_function,
    with_same_settings,
)
from shoplake.operations.definitions.plans.plan_hash import empty_inputs, hash_plan
from shoplake.operations.definitions.returned_columns import recorded_hash, recorded_schema
from shoplake.operations.definitions.source_code.code_hash import CodeReader, library_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from shoplake.declare import Feed, Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine
    from shoplake.operations.definitions.plans.clock_and_chance import ChangingCall
    from shoplake.operations.definitions.plans.plan_hash import HashedPlan

ALL_FEEDS = ""
"""The name under which a table keeps its plan's hash if no feed's settings reach it."""


@dataclass
class DefinitionMemo:
    """The definitions of a catalog, and the tables whose functions passed their check; both are filled when needed."""

    current: dict[str, Definition] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)


class CurrentDefinitions:
    """Reads the tables of a catalog for some feeds: each table's function is called with empty inputs.

    What `memo` has is not worked out again; it must be of the same code, catalog and settings.
    """

    def __init__(
        self, engine: PipelineEngine, catalog: Catalog, feeds: Feeds, memo: DefinitionMemo | None = None
    ) -> None:
        self._engine, self._catalog, self._feeds = engine, catalog, feeds
        self._built: dict[tuple[str, str], DataFrame] = {}
        self._plans: dict[tuple[str, str], HashedPlan] = {}
        self._packages = project_packages(catalog, feeds)
        self._memo = memo or DefinitionMemo()

    def read(
        self, known: Mapping[str, Definition] | None = None, same_code: Mapping[str, Definition] | None = None
    ) -> dict[str, Definition]:
        """Return the definition of each table, by `layer.table`.

        The functions of tables in `known` are not called: they are as in those definitions. Those of tables in
        `same_code` are called, because settings differ; their source is as in those definitions and is not read.
        """
        self._memo.current = self._memo.current or self._read(known or {}, same_code or {})
        return dict(self._memo.current)

    def _read(self, known: Mapping[str, Definition], same_code: Mapping[str, Definition]) -> dict[str, Definition]:
        definitions: dict[str, Definition] = {}
        for table in self._catalog.ordered:
            name = table.qualified_name
            upstream = [self._catalog[each].qualified_name for each in table.inputs]
            declared = declared_definition(table, {each: shape_hash(definitions[each]) for each in upstream})
            if name in known:
                definitions[name] = with_logic_of(declared, known[name])
            else:
                source = same_code[name].source if name in same_code else None
                definitions[name] = self._with_logic(table, declared, source) if table.inputs else declared
        return definitions

    def check(self, table: Table[...]) -> None:
        """Raise DeclarationError if the table's function fails on the columns that its inputs declare now."""
        if table.qualified_name in self._memo.checked:
            return
        feeds = self._feeds_of(table)
        for feed in feeds:
            with naming_function(table, self._mappers(table)):
                schema = self._returned(table, feed)
                check_schema(table, schema)
            if len(feeds) == 1:
                self._engine.keep_schema(table, schema)
        self._memo.checked.add(table.qualified_name)

    def _returned(self, table: Table[...], feed: Feed | None) -> StructType:
        """Return the schema of what a function returns: as recorded for its plan, or else as the engine says.

        Of an engine that others have set up nothing is recorded.
        """
        if self._engine.capabilities.is_local:
            known = recorded_schema(engine_version(self._engine), recorded_hash(self._plan(table, feed), feed))
            if known is not None:
                return known
        return self._build(table, feed).schema

    def rows_by_plan(self, table: Table[...]) -> Iterator[tuple[str, DataFrame]]:
        """Yield, for each feed that reaches the table, the hash under which its plan is recorded, and its rows."""
        for feed in self._feeds_of(table):
            yield recorded_hash(self._plan(table, feed), feed), self._build(table, feed)

    def _with_logic(self, table: Table[...], declared: Definition, source: Mapping[str, str] | None) -> Definition:
        plans = {feed.name if feed else ALL_FEEDS: self._plan(table, feed) for feed in self._feeds_of(table)}
        carried = CodeReader(self._packages).read(*(each for plan in plans.values() for each in plan.functions))
        if source is None:
            source = CodeReader(self._packages).read(table.build, *self._mappers(table)).parts
        return replace(
            declared,
            plan_hash={name: plan.digest for name, plan in plans.items()},
            code_hash=carried.digest,
            source=source,
            settings={feed.name: feed_settings(feed) for feed in self._feeds_of(table) if feed},
            versions=engine_version(self._engine) | library_versions(sorted(carried.libraries)),
        )

    def _plan(self, table: Table[...], feed: Feed | None) -> HashedPlan:
        key = table.qualified_name, feed.name if feed else ALL_FEEDS
        if key not in self._plans:
            with naming_function(table, self._mappers(table)):
                plan = self._hash(table, self._build(table, feed))
            check_reads(table, plan.reads)
            for call in plan.calls:
                self._check_call(table, feed, call, plan)
            self._plans[key] = plan
        return self._plans[key]

    def _hash(self, table: Table[...], rows: DataFrame) -> HashedPlan:
        return hash_plan(
            rows, {name: {each.name: each.type for each in self._catalog[name].columns} for name in table.inputs}
        )

    def _check_call(self, table: Table[...], feed: Feed | None, call: ChangingCall, plan: HashedPlan) -> None:
        """Raise DeclarationError for a call that gives a rebuild other rows; with a seed the plan is the same again."""
        if call.asks_for_time:
            raise DeclarationError(
                f"{table.qualified_name} asks for the time: {call.sql}. Its rows would stay as they are until new "
                "records come, and a rebuild would make others. Take a time of the data, such as the greatest day of "
                "its input, or compare with today in the query that reads the table."
            )
        if not call.has_arguments or self._hash(table, self._call(table, feed)).digest != plan.digest:
            raise DeclarationError(
                f"{table.qualified_name} calls {call.sql}, which is another value each time: a rebuild would make "
                "other rows. Give it a seed, such as rand(7), or derive the value from a row's key with F.xxhash64."
            )

    def _feeds_of(self, table: Table[...]) -> tuple[Feed | None, ...]:
        return self._feeds if "feeds" in table.parameters else (None,)

    def _build(self, table: Table[...], feed: Feed | None) -> DataFrame:
        """Return what the function makes of empty inputs; a function is called once for the hash and for the check."""
        key = table.qualified_name, feed.name if feed else ALL_FEEDS
        if key not in self._built:
            with with_same_settings(self._engine.session, table, self._mappers(table)):
                self._built[key] = rows = self._call(table, feed)
            check_is_frame(rows)
        return self._built[key]

    def _call(self, table: Table[...], feed: Feed | None) -> DataFrame:
        arguments: dict[str, Any] = {"feeds": (feed,)} if feed else {}
        return table(*(self._inputs[name] for name in table.inputs), **arguments)

    @cached_property
    def _inputs(self) -> dict[str, DataFrame]:
        """The empty inputs that functions are called with, by the names of the tables."""
        return empty_inputs(self._engine.session, [each for each in self._catalog.values() if self._is_read(each)])

    def _is_read(self, table: Table[...]) -> bool:
        return any(table.name in each.inputs for each in self._catalog.values())

    def _mappers(self, table: Table[...]) -> list[Any]:
        feeds = self._feeds if "feeds" in table.parameters else ()
        return [mapper for feed in feeds for mapper in feed.kind.mappings.get(table.name, {}).values()]


def engine_version(engine: PipelineEngine) -> dict[str, str]:
    """Return the engine's name and version."""
    name = engine.capabilities.name
    return {name: _sail_version() if name == "sail" else str(engine.session.version)}


@cache
def _sail_version() -> str:
    return importlib.metadata.version("pysail")


def feed_settings(feed: Feed) -> dict[str, Any]:
    """Return the settings of a feed that its tables can depend on, as texts."""
    values = {name: value for name, value in vars(feed).items() if name not in ("name", "path", "kind")}
    return {"kind": feed.kind.name, **{name: value if value is None else str(value) for name, value in values.items()}}


def project_packages(catalog: Catalog, feeds: Feeds) -> set[str]:
    """Return the top-level packages that tables and kinds come from; what else they import is a library."""
    functions: Iterable[Any] = [
        *(table.build for table in catalog.values()),
        *(mapper for feed in feeds for each in feed.kind.mappings.values() for mapper in each.values()),
    ]
    return {"shoplake", *(str(each.__module__).partition(".")[0] for each in functions)}
