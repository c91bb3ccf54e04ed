"""The plan of a run: the files that wait, and for each table what is built, from which versions, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, pluralize, text_table

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.engine import Action, InputRange, PendingFiles, RunPlan, TablePlan

SHOWN_PARTITIONS = 3


class PlanView:
    """Renders a plan for people, or as JSON."""

    def __init__(self, plan: RunPlan) -> None:
        self._plan = plan

    def render(self, console: Console) -> None:
        """Print the files and the tables, one per line."""
        plan = self._plan
        if plan.is_nothing:
            console.print("Nothing to do: no new files, and all tables are up to date.")
            return
        if plan.files:
            console.print(_files(plan.files))
            console.print()
        tables = text_table("table", "build", "from", "why")
        tables.columns[0].no_wrap = True
        for table in plan.tables:
            tables.add_row(table.table, _describe(table), _inputs(table), table.reason)
        console.print(tables)
        console.print("\nA dry run: nothing was written.")

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain values."""
        return {
            "files": [{"table": each.table, "files": each.files, "bytes": each.bytes} for each in self._plan.files],
            "tables": [
                {
                    "table": table.table,
                    "actions": [_action_json(action) for action in table.actions],
                    "inputs": [_input_json(each) for each in table.inputs],
                    "depends_on": list(table.depends_on),
                    "reason": table.reason,
                }
                for table in self._plan.tables
            ],
        }


def _files(files: tuple[PendingFiles, ...]) -> Any:
    shown = text_table("new files for", "files", "bytes", numbers=["files", "bytes"])
    for each in files:
        shown.add_row(f"bronze.{each.table}", format_number(each.files), format_number(each.bytes))
    return shown


def _describe(table: TablePlan) -> str:
    """Name what is built of a table."""
    actions = [_summary(action) for action in table.actions]
    if table.depends_on:
        actions.append("what changes")
    return ", ".join(actions) or "nothing"


def _summary(action: Action) -> str:
    data = _action_json(action)
    if (values := data.get("values")) is not None:
        days = ", ".join(values[:SHOWN_PARTITIONS]) + (", …" if len(values) > SHOWN_PARTITIONS else "")
        return f"{pluralize(len(values), 'partition')}: {days}"
    if (ids := data.get("ids")) is not None:
        return f"batches {ids[0]} to {ids[-1]}" if len(ids) > 1 else f"batch {ids[0]}"
    if (feeds := data.get("feeds")) is not None:
        return f"feed {', '.join(feeds)}"
    if (since := data.get("since")) is not None:
        return f"{data['kind']} since version {since}"
    if data["kind"] == "date range":
        return f"dates {data['start'] or '…'} to {data['end'] or '…'}"
    return str(data["kind"])


def _action_json(action: Action) -> dict[str, Any]:
    """Return an action as plain values, `kind` first."""
    kind = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type(action).__name__).strip()
    return {"kind": kind} | {name: _plain(value) for name, value in vars(action).items()}


def _plain(value: object) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if value is None or isinstance(value, int | str):
        return value
    return _action_json(value) if hasattr(value, "__dataclass_fields__") else str(value)  # type: ignore[arg-type]


def _inputs(table: TablePlan) -> str:
    changed = [each for each in table.inputs if each.has_changed]
    return ", ".join(f"{each.table} {_position(each, 'before')} → {_position(each, 'after')}" for each in changed)


def _position(each: InputRange, moment: str) -> str:
    offset = getattr(each, moment)
    if offset.batch_id is not None:
        return str(offset.batch_id)
    return "–" if offset.version is None else f"v{offset.version}"


def _input_json(each: InputRange) -> dict[str, Any]:
    is_batch = each.after.batch_id is not None
    before, after = ((offset.batch_id if is_batch else offset.version) for offset in (each.before, each.after))
    return {"table": each.table, "from": before, "to": after}
