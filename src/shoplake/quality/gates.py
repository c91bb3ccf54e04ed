"""What stops a write: the rules of a table whose violations are too many, and who accepts them for one run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from shoplake.declare.gate import ErrorBudget, Fresh
from shoplake.errors import ShoplakeError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from shoplake.declare import Gate, Table
    from shoplake.engine import WriteResult

PASS, STOP, ACCEPTED = "pass", "stop", "accepted"
WHOLE = 1_000
"""From here on, decimals of a measure say nothing."""


def format_measure(value: float) -> str:
    """Return what a gate measured or expects as text: a share in four digits, a count in whole numbers."""
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:,.4g}"


class UnknownRuleError(ShoplakeError):
    """No rule or gate of this name can stop a run."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        such = hint(name, known) if known else "No rule has stop_above, and no gate stop=True."
        super().__init__(f"No rule or gate '{name}' stops a run. {such}")
        self.name, self.known = name, tuple(known)


@dataclass(frozen=True)
class Acceptance:
    """Rules and gates that do not stop one run, as `layer.table.rule`, by whom, and why.

    With `is_of_all` none of any table does.
    """

    rules: frozenset[str] = frozenset()
    by: str = ""
    because: str = ""
    is_of_all: bool = False

    def of(self, table: Table[...]) -> frozenset[str]:
        """Return the names of the accepted rules and gates of a table."""
        names = (each.name for each in (*table.rules, *table.gates))
        return frozenset(name for name in names if f"{table.qualified_name}.{name}" in self.rules)

    def checked(self, tables: Mapping[str, Table[...]]) -> Acceptance:
        """Return it. Raises UnknownRuleError for a name that is not that of a rule or gate that stops."""
        check_acceptance(tables, self.rules)
        return self

    def applied_to(self, table: Table[...]) -> Table[...]:
        """Return the table with rules that do not stop where they are accepted; of all, neither do its gates."""
        accepted = {rule.name for rule in table.rules} if self.is_of_all else self.of(table)
        rules = tuple(replace(rule, stop_above=None) if rule.name in accepted else rule for rule in table.rules)
        gates = tuple(map(_warning, table.gates)) if self.is_of_all else table.gates
        return table if (rules, gates) == (table.rules, table.gates) else replace(table, rules=rules, gates=gates)


def _warning(gate: Gate) -> Gate:
    return replace(gate, stop=False) if not isinstance(gate, Fresh | ErrorBudget) and gate.stop else gate


UNSTOPPED = Acceptance(is_of_all=True)
"""What a command accepts that a person decides: it is never stopped."""


@dataclass(frozen=True)
class GateResult:
    """What a gate measured of one slice of a table, and whether that passes.

    `slice` is a feed, or a feed and a day; `value` lies in `low` to `high`, or the gate warns or stops.
    """

    table: str
    gate: str
    slice: str
    value: float
    low: float
    high: float
    status: str

    def to_row(self) -> dict[str, Any]:
        """Return it as a row of `ops.gates`, without the run."""
        cells = asdict(self)
        return {**cells, "expected_low": cells.pop("low"), "expected_high": cells.pop("high")}


@dataclass(frozen=True)
class Stop:
    """A table that a run left as it was, because too many rows of its write violate a rule, or a gate does not pass.

    Of a gate the rows are not counted: `measured` are its slices that do not pass. `not_built` are the tables that are
    made from the table; they stay as they were, too. It `is_known` where an earlier run of a watch recorded the same.
    """

    table: str
    rule: str
    rows_read: int
    rows_violating: int
    stop_above: float
    not_built: tuple[str, ...] = ()
    measured: tuple[GateResult, ...] = ()
    is_known: bool = False


def check_acceptance(tables: Mapping[str, Table[...]], names: Collection[str]) -> None:
    """Raise UnknownRuleError for a name that is not that of a rule or gate that stops, as `layer.table.rule`."""
    known = [
        f"{table.qualified_name}.{rule.name}"
        for table in tables.values()
        for rule in table.rules
        if rule.stop_above is not None
    ]
    known += [f"{table.qualified_name}.{gate.name}" for table in tables.values() for gate in table.gates if gate.stop]
    for name in names:
        if name not in known:
            raise UnknownRuleError(name, known)


def gate_rows(table: Table[...], result: WriteResult, acceptance: Acceptance) -> Iterator[dict[str, Any]]:
    """Yield a row of `ops.gates` for each rule of the table that can stop a write, after a write was committed."""
    for rule in table.rules:
        if rule.stop_above is None or not result.rows_read:
            continue
        violating = result.violations.get(rule.name, 0)
        stops = rule.stops(result.rows_read, violating)
        row = _row(table.qualified_name, rule.name, violating / result.rows_read, rule.stop_above)
        yield row | ({"status": ACCEPTED, "accepted_by": acceptance.by, "because": acceptance.because} if stops else {})


def stop_rows(stop: Stop) -> list[dict[str, Any]]:
    """Return the rows of `ops.gates` of a write that was stopped: one of a rule, one per slice of a gate."""
    if stop.measured:
        return [each.to_row() for each in stop.measured]
    share = stop.rows_violating / stop.rows_read
    return [_row(stop.table, stop.rule, share, stop.stop_above) | {"status": STOP}]


def _row(table: str, gate: str, value: float, high: float) -> dict[str, Any]:
    return {
        "table": table,
        "gate": gate,
        "slice": None,
        "value": value,
        "expected_low": 0.0,
        "expected_high": high,
        "status": PASS,
        "accepted_by": None,
        "because": None,
    }
