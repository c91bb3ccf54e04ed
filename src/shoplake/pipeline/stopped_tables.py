"""The tables that a rule or gate stops in a run, and what a watch remembers of them from run to run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from shoplake.declare.gate import Agrees, References
from shoplake.errors import WriteStoppedError
from shoplake.quality.gates import Stop
from shoplake.quality.staged_gates import GateStoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader


class Basis(NamedTuple):
    """What a table is judged by: versions of its own, its inputs and the tables of its gates; the days accepted."""

    own: int
    others: tuple[int, ...]
    days: frozenset[tuple[str, str]]


@dataclass
class StoppedTables:
    """The stops of a watch, in memory, each with what the table was judged by.

    A table of which all that is as it was would be stopped again: it is not judged, and its stop is not recorded.
    Whatever code and settings it is judged by are those of the process.
    """

    stops: dict[str, tuple[Basis, Stop]] = field(default_factory=dict)


class RunStops:
    """The tables that one run leaves as they are: those that are stopped, and those made from them.

    `accepted_days` returns the days of each gate that somebody accepted.
    """

    def __init__(
        self,
        engine: TableReader,
        catalog: Catalog,
        accepted_days: Callable[[], Mapping[tuple[str, str], Collection[str]]],
        memory: StoppedTables | None = None,
    ) -> None:
        self._engine, self._catalog, self._accepted_days, self._memory = engine, catalog, accepted_days, memory
        self._blocked: dict[str, Stop] = {}

    def update(self, table: Table[...], update: Callable[[Table[...]], None]) -> None:
        """Call `update` with a table, unless it or one of its inputs is stopped; note where that stops it."""
        if stops := [self._blocked[name] for name in table.inputs if name in self._blocked]:
            self._blocked[table.name] = stops[0]
            return
        others = self._other_versions(table)
        known = self._known(table, others)
        if known is not None and not _depends_on_clock(table):
            self._blocked[table.name] = replace(known, is_known=True)
            return
        try:
            update(table)
        except WriteStoppedError as error:
            stop = _stop(error)
            self._blocked[table.name] = replace(stop, is_known=stop == known)
            if self._memory is not None:  # with its own version of now: chunks before the one that stops are committed
                self._memory.stops[table.name] = self._basis(table, others), stop
            return
        if self._memory is not None:
            self._memory.stops.pop(table.name, None)

    def results(self) -> Iterator[Stop]:
        """Yield each stop with the tables that are not built for it."""
        for stop in dict.fromkeys(self._blocked.values()):
            tables = [self._catalog[name].qualified_name for name, each in self._blocked.items() if each is stop]
            yield replace(stop, not_built=tuple(name for name in tables if name != stop.table))

    def _known(self, table: Table[...], others: tuple[int, ...]) -> Stop | None:
        """Return the stop of the table that an earlier run found, if it was judged by what there is now."""
        if self._memory is None or table.name not in self._memory.stops:
            return None
        basis, stop = self._memory.stops[table.name]
        return stop if basis == self._basis(table, others) else None

    def _basis(self, table: Table[...], others: tuple[int, ...]) -> Basis:
        accepted = self._accepted_days() if any(gate.stop for gate in table.gates) else {}
        days = ((gate, day) for (of, gate), some in accepted.items() if of == table.qualified_name for day in some)
        return Basis(self._engine.version(table), others, frozenset(days))

    def _other_versions(self, table: Table[...]) -> tuple[int, ...]:
        """Return the versions of what a table is judged by beside its own, where something may stop it."""
        stopping = [gate for gate in table.gates if gate.stop]
        if self._memory is None or not (stopping or any(rule.stop_above is not None for rule in table.rules)):
            return ()
        names = {*table.inputs, *(gate.to for gate in stopping if isinstance(gate, References))}
        if any(isinstance(gate, Agrees) for gate in stopping):  # its queries may read any table
            names = {*self._catalog}
        return tuple(self._engine.version(self._catalog[name]) for name in sorted(names - {table.name}))


def _depends_on_clock(table: Table[...]) -> bool:
    """Whether time alone may end a stop: references that are young are left out."""
    return any(isinstance(gate, References) and gate.stop and gate.at is not None for gate in table.gates)


def _stop(error: WriteStoppedError) -> Stop:
    measured = error.measured if isinstance(error, GateStoppedError) else ()
    return Stop(error.table, error.rule, error.rows_read, error.rows_violating, error.stop_above, measured=measured)
