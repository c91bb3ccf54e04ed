"""Days that somebody declares to be other than usual, such as a sale: they are no history, and stop no run."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from shoplake.declare.gate import LikeHistory
from shoplake.engine import GATES
from shoplake.errors import DeclarationError
from shoplake.pipeline.audit import current_actor, record_decisions
from shoplake.quality.gates import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from shoplake.declare import Table
    from shoplake.engine import StateStore


def expect_day(state: StateStore, table: Table[...], feeds: Iterable[str], day: date, because: str) -> list[str]:
    """Record the day of these feeds as accepted for each gate of the table that compares days; return their names.

    Raises DeclarationError for a table without such a gate.
    """
    names = [gate.name for gate in table.gates if isinstance(gate, LikeHistory)]
    if not names:
        raise DeclarationError(
            f"{table.qualified_name} has no gate that compares days with their history. "
            f'Add one in rules.py: extend("{table.qualified_name}", gates=[rows_like_history("…_date")])'
        )
    run, at, actor = uuid.uuid4().hex, state.next_run_time(), current_actor()
    decision = {"status": ACCEPTED, "accepted_by": actor, "because": because, "run_id": run, "recorded_at": at}
    cells = {"table": table.qualified_name, **decision}
    slices = [f"{feed} {day.isoformat()}" for feed in feeds]
    state.append(GATES, [cells | {"gate": name, "slice": each} for name in names for each in slices])
    record_decisions(state, run, at, actor, "expect", [f"{table.qualified_name} {day.isoformat()}"], because)
    return names
