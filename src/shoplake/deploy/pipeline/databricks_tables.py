"""What only pipelines of Databricks have: expectations, and histories (SCD type 2) by AUTO CDC.

https://docs.databricks.com/aws/en/dlt/expectations and …/dlt/cdc. None of it is run here: Spark has neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from shoplake.declare import Action

if TYPE_CHECKING:
    from shoplake.declare import Scd2, Table


def expectations(table: Table[...]) -> str:
    """Return the decorators with the rules of a table: those that quarantine drop what is left, others count."""
    strict = {rule.name: rule.condition for rule in table.expectations if rule.on_violation is not Action.WARN}
    warned = {rule.name: rule.condition for rule in table.expectations if rule.on_violation is Action.WARN}
    kept = {column.name for column in table.columns}
    changes = {column.name for column in table.output_columns} - kept
    strict = {name: condition for name, condition in strict.items() if not any(each in condition for each in changes)}
    named = (("expect_all_or_drop", strict), ("expect_all", warned))
    return "".join(f"@dp.{decorator}({_dictionary(rules)})\n" for decorator, rules in named if rules)


def history(table: Table[...], rules: str) -> str:
    """Return the flow of a history's changes, and the view of its versions with the columns that the table has."""
    mode = cast("Scd2", table.write)
    key = [name for name in table.key if name != "valid_from"]
    order = [name for name in (mode.effective_at, mode.sequence_by) if name is not None]
    target, changes = f"{table.qualified_name}_versions", f"{table.layer}_{table.name}_changes"
    deletes = ""
    if mode.operation is not None:
        deletes = f"\n    apply_as_deletes=\"{mode.operation} = 'delete'\","
    columns = [column.name for column in table.output_columns if column.name not in (mode.effective_at, *mode.controls)]
    return f"""\
@dp.temporary_view(name={changes!r})
def {changes}():
    return flows.changes({table.name!r})


dp.create_streaming_table({target!r})
dp.create_auto_cdc_flow(
    target={target!r},
    source={changes!r},
    keys={key!r},
    sequence_by=flows.sequence({order!r}),{deletes}
    column_list={columns!r},
    stored_as_scd_type=2,
)


@dp.materialized_view(name={table.qualified_name!r}, comment={table.summary!r})
{rules}def {table.name}():
    return flows.versions({table.name!r}, {target!r})
"""


def _dictionary(rules: dict[str, str]) -> str:
    inner = "".join(f"    {name!r}: {condition!r},\n" for name, condition in rules.items())
    return "{\n" + inner + "}"
