"""What a project adds to a declared table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shoplake.declare.expectation import Expectation
    from shoplake.declare.gate import Gate
    from shoplake.declare.table import Table


@dataclass(frozen=True)
class Extension:
    """Rules and gates that are added to the table of that name, and what replaces its own values.

    `stop_above` has the shares above which rules stop a run.
    """

    table: str
    expectations: tuple[Expectation, ...]
    stop_above: Mapping[str, float] = field(default_factory=dict, hash=False)
    gates: tuple[Gate, ...] = ()
    keeps: str = ""
    watch_interval: str = ""

    def apply(self, table: Table[...]) -> Table[...]:
        """Return the table with the rules added, and with shares at which they stop.

        Raises DeclarationError for a rule of a name that it already has, and for a share of a rule that it lacks.
        """
        interval = self.watch_interval or table.watch_interval
        kept = replace(table, keeps=self.keeps or table.keeps, watch_interval=interval)
        return self._with_stops(self._with_rules(self._with_gates(kept)))

    def _with_gates(self, table: Table[...]) -> Table[...]:
        known = {gate.name for gate in table.gates}
        for gate in self.gates:
            if gate.name in known:
                raise DeclarationError(f"{table.qualified_name} has a gate '{gate.name}' already. Leave it out.")
            known.add(gate.name)
        return replace(table, gates=(*table.gates, *self.gates))

    def _with_rules(self, table: Table[...]) -> Table[...]:
        known = {rule.name for rule in table.expectations}
        for rule in self.expectations:
            if rule.name in known:
                raise DeclarationError(
                    f"{table.qualified_name} has a rule '{rule.name}' already. Give the added rule another name."
                )
            known.add(rule.name)
        return replace(table, rules=(*table.rules, *self.expectations))

    def _with_stops(self, table: Table[...]) -> Table[...]:
        names = [rule.name for rule in table.rules]
        for name in self.stop_above:
            if name not in names:
                raise DeclarationError(f"{table.qualified_name} has no rule '{name}'. {hint(name, names)}")
        shares = self.stop_above
        rules = (replace(rule, stop_above=shares.get(rule.name, rule.stop_above)) for rule in table.rules)
        return replace(table, rules=tuple(rules)) if shares else table


def extend(
    table: str,
    *,
    expectations: Sequence[Expectation] = (),
    stop_above: Mapping[str, float] | None = None,
    gates: Sequence[Gate] = (),
    keeps: str = "",
    watch_interval: str = "",
) -> Extension:
    """Add rules and warnings to a table that is declared elsewhere, e.g. `extend("silver.events", expectations=[…])`.

    `stop_above` has the share of a write above which violations of a rule stop it, by the rule's name, e.g.
    `extend("silver.events", stop_above={"event_name_known": 0.05})`. `gates` are what must be true of all
    rows; `keeps` is the retention of rows by their day, e.g. `400 days`; `watch_interval` is how often the table is
    updated at most while files are watched, e.g. `1 hour`. The value must have a name in the project's `rules.py`, or
    be in a list that has one.
    """
    return Extension(table, tuple(expectations), dict(stop_above or {}), tuple(gates), keeps, watch_interval)
