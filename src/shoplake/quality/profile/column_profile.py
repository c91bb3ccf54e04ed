"""Profiles the columns of rows: nulls, approximate distinct values, range, and the values of columns that have few."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyspark.sql import Column as SqlColumn
    from pyspark.sql import DataFrame

    from shoplake.declare import Column

FEW_VALUES = 20
"""Distinct values up to which all of them are listed."""
NESTED = ("array", "map", "struct", "binary")


@dataclass(frozen=True)
class ColumnProfile:
    """One column: how many rows are null, about how many values it has, the least and the greatest, and how often each.

    Personal columns have neither range nor values; `values` is empty where there are more than `FEW_VALUES`.
    """

    name: str
    type: str
    nulls: int
    distinct: int
    least: Any = None
    greatest: Any = None
    values: Mapping[str, int] = field(default_factory=dict)
    nulls_by_value: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """For each other column, how many of its rows of each value of this one are null."""
    days_by_value: Mapping[str, int] = field(default_factory=dict)
    """On how many days each value occurs; 0 where rows have no day."""


def profile_columns(
    rows: DataFrame, columns: Sequence[Column], day: SqlColumn | None = None
) -> tuple[int, list[ColumnProfile]]:
    """Return the number of rows and the profile of each column that is not nested; `day` is that of a row.

    One query reads all columns, and one more each column of few values. Distinct values are approximate.
    """
    flat = [each for each in columns if not each.type.startswith(NESTED)]
    measures = [F.count("*").alias("rows")]
    for number, each in enumerate(flat):
        measures += [measure.alias(f"c{number}_{name}") for name, measure in _measures(each).items()]
    found = rows.agg(*measures).collect()[0].asDict()
    count, profiles = found["rows"], []
    for number, each in enumerate(flat):
        cells = {name: found[f"c{number}_{name}"] for name in _measures(each)}
        profiles.append(ColumnProfile(each.name, each.type, **cells))
    plain = {each.name for each in flat if each.type == "string" and not each.personal}
    few = [each for each in profiles if 0 < each.distinct <= FEW_VALUES and each.name in plain]
    listed = {each.name: _with_values(rows, each, profiles, day) for each in few}
    return count, [listed.get(each.name, each) for each in profiles]


def _measures(column: Column) -> dict[str, SqlColumn]:
    cell = F.col(column.name)
    value = cell.cast("string") if column.type in ("double", "float") else cell  # Sail counts texts, not these
    counts = {"nulls": F.count_if(cell.isNull()), "distinct": F.approx_count_distinct(value)}
    if column.personal or column.type == "boolean":
        return counts
    return counts | {"least": F.min(cell), "greatest": F.max(cell)}


def _with_values(
    rows: DataFrame, profile: ColumnProfile, others: Sequence[ColumnProfile], day: SqlColumn | None
) -> ColumnProfile:
    """Return the profile with its values and the nulls of the other columns by value; as it is where there are more."""
    names = [each.name for each in others if each.name != profile.name and each.nulls]
    nulls = [F.count_if(F.col(name).isNull()).alias(f"n{number}") for number, name in enumerate(names)]
    value = F.col(profile.name).alias("value")
    days = (F.lit(0) if day is None else F.countDistinct(day)).alias("days")
    counted = rows.where(F.col(profile.name).isNotNull()).groupBy(value).agg(F.count("*").alias("n"), days, *nulls)
    found = counted.limit(FEW_VALUES + 1).collect()
    if len(found) > FEW_VALUES:
        return profile
    found.sort(key=lambda row: (-row["n"], row["value"]))
    by_value = {name: {row["value"]: row[f"n{number}"] for row in found} for number, name in enumerate(names)}
    values, days_of = ({row["value"]: row[name] for row in found} for name in ("n", "days"))
    return replace(profile, values=values, nulls_by_value=by_value, days_by_value=days_of)
