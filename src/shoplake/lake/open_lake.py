"""An open lake: settings, catalog, engine and state, where its tables are, and who may write."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from shoplake.columns.web import STEPS
from shoplake.declare.kinds.kind_check import check_kinds
from shoplake.declare.names import find_table
from shoplake.engine import (
    OPS,
    EngineRuntime,
    Lease,
    check_format,
    check_heads,
    is_remote,
    recovered_lease,
    row_count,
    table_exists,
    translate_errors,
    write_format,
)
from shoplake.errors import (
    EngineConnectionLostError,
    TableNotFoundError,
)
from shoplake.operations.definitions.lake_definitions import LakeDefinitions
from shoplake.operations.upkeep.restore_plan import UnfinishedRestoreError, pending_restore
from shoplake.pipeline.streaming.live_events import live_events_table
from shoplake.project import Project, admit_events, check_mappings
from shoplake.tables.silver.events import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Table
    from shoplake.engine import DeltaEngine, StateStore
    from shoplake.quality.alerts.alerts import Alerts
    from shoplake.settings import Settings

EVENTS_LIVE = live_events_table(events)


class OpenLake:
    """The settings, catalog, engine and state of one lake, and where its tables are."""

    def __init__(
        self, settings: Settings, runtime: EngineRuntime | None = None, project: Project | None = None
    ) -> None:
        self.settings, self.project = settings, project or Project()
        self.catalog = admit_events(self.project.catalog, settings.feeds)
        check_kinds((feed.kind for feed in settings.feeds), self.catalog, STEPS)
        self.runtime = runtime or EngineRuntime()
        self._has_format = False

    def __repr__(self) -> str:
        feeds = ", ".join(f"{feed.name} ({feed.kind.name})" for feed in self.settings.feeds) or "none"
        return f"Lake({self.settings.lake!r}, engine={self.settings.engine!r}, feeds: {feeds})"

    @cached_property
    def engine(self) -> DeltaEngine:
        """The engine, started when first needed. Raises EngineError where it cannot start or be reached."""
        return self.runtime.open_engine(self.settings)

    @cached_property
    def state(self) -> StateStore:
        """The state store: files ingested, offsets, results of runs."""
        return self.runtime.open_state(self.settings, lambda: self.engine)

    @cached_property
    def alerts(self) -> Alerts:
        """The incidents of the lake, and the messages about them."""
        from shoplake.quality.alerts.alerts import Alerts

        return Alerts(self.state, self.settings.alerts)

    def _definitions(self) -> LakeDefinitions:
        return LakeDefinitions(self.engine, self.catalog, self.state, self.settings)

    @property
    def known(self) -> dict[str, Table[...]]:
        """Every table that can be read, by `layer.name`: declared tables, their companions, the ops tables.

        Where there was a stream, its live events too.
        """
        declared = list(self.catalog.ordered)
        companions = [each for table in declared for each in table.companion_tables]
        live = [EVENTS_LIVE] if self.settings.catalog is None and table_exists(self._address(EVENTS_LIVE)) else []
        return {table.qualified_name: table for table in (*declared, *companions, *OPS, *live)}

    def find(self, name: str) -> Table[...]:
        """Return the declaration of a table. Raises UnknownTableError with the nearest name."""
        return find_table(name, self.known)

    def path(self, name: str) -> str:
        """Return the folder of a table, or its address in a catalog; only that needs the engine."""
        return self._address(self.find(name))

    def _address(self, table: Table[...]) -> str:
        is_folder = self.settings.catalog is None
        return f"{self.settings.lake}/{table.path}" if is_folder else self.engine.path(table)

    def row_count(self, name: str) -> int | None:
        """Return the number of rows of a table; None where it has not been written yet."""
        path = self.path(name)
        return row_count(path) if table_exists(path) else None

    @contextmanager
    def _updating(self, owner: str, rebuilt_layers: tuple[str, ...] = ()) -> Iterator[Lease]:
        """Hold the lease of a lake whose settings and kinds are complete."""
        self.settings.check_runnable()
        with self._writing(owner, rebuilt_layers) as lease:
            if own_kinds := self.project.own_kinds:
                check_mappings(self.catalog, self.settings.feeds, own_kinds, self.engine.session)
            yield lease

    @contextmanager
    def _writing(
        self, owner: str, rebuilt_layers: tuple[str, ...] = (), *, is_restore: bool = False
    ) -> Iterator[Lease]:
        """Hold the lease of the lake, of this version's format from now on; a damaged tail is moved aside before.

        Raises UnfinishedRestoreError where a restore was interrupted, unless this is one.
        """
        given = self.runtime.open_lease(self.settings, owner, lambda: self.engine)
        with self._working(), recovered_lease(self.settings.lake, owner, rebuilt_layers, given) as lease:
            self.runtime.end_killed(self.settings)
            self.state.forget()
            if not is_restore:
                self._check_restored()
            write_format(self.settings.lake)
            yield lease

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Refuse a lake of another format, translate errors, and forget an engine whose connection is lost."""
        try:
            with translate_errors():
                check_format(self.settings.lake)
                yield
        except EngineConnectionLostError:
            self.__dict__.pop("engine", None)
            raise

    def _check_restored(self) -> None:
        if (plan := pending_restore(self.settings.lake)) is not None:
            raise UnfinishedRestoreError(self.settings.lake, plan.at)

    def _existing(self, name: str) -> Table[...]:
        """Return the declaration of a table that has been written in this version's format."""
        table = self.find(name)
        self._has_format = self._has_format or check_format(self.settings.lake)
        if not table_exists(self.path(name)):
            raise TableNotFoundError(table.qualified_name, self.settings.lake)
        if self.settings.catalog is None:
            check_heads(self.settings.lake, [table.path])
        if not is_remote(self.settings.lake):
            self._check_restored()
        return table
