"""Proposes rules and gates of a table: what its first days suggest, where its last days keep to it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import Expectation, Scd2, email, expect, not_negative, one_of, warn
from shoplake.quality.profile.column_profile import profile_columns
from shoplake.transforms.expectations import is_satisfied

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import Column as SqlColumn
    from pyspark.sql import DataFrame

    from shoplake.declare import Column, Table
    from shoplake.quality.profile.column_profile import ColumnProfile

LEARN_SHARE = 0.8
"""The share of days, the first ones, that rules are learnt from."""
LEAST_ROWS = 20
"""Rows that a table needs so that a column of as many values is unique, or one of few has these alone."""
LEAST_DAYS = 0.5
"""The share of days on which each value of a column occurs that has these values alone: others may be new tomorrow."""
MIN_DAYS = 5
"""Days below which nothing is held out."""
NUMBERS = ("int", "bigint", "double", "decimal")
IDENTIFYING = ("string", "int", "bigint")
IDENTIFIER = re.compile(r"(^|_)(id|uuid|key|code|number|sku|token)$")
"""What a column that identifies a row is named like."""
LINEAGE = ("feed", "file", "line", "batch_id", "ingested_at", "payload_hash", "source_file", "version_line")
"""Columns that say where a row comes from: rules about them say nothing of the shop."""


@dataclass(frozen=True)
class Proposal:
    """A rule or a gate as code, and the rows that it is true of."""

    code: str
    evidence: str
    rule: Expectation | None = None
    unique: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableProfile:
    """The rows of a table, the profiles of its columns, the days that rules were learnt from, and what is proposed."""

    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    learnt_until: date | None = None
    proposals: tuple[Proposal, ...] = ()


def profile_table(table: Table[...], rows: DataFrame, *, proposes: bool = False) -> TableProfile:
    """Profile the rows of a table; with `proposes`, also propose rules and gates that it does not have.

    They are learnt from the first 80 % of its days, and kept where no row of the other days breaks them. A table
    without a day is learnt from as a whole. Rules of a table that has no quarantine warn.
    """
    count, profiles = profile_columns(rows, table.columns)
    if not proposes or not count:
        return TableProfile(table.qualified_name, count, tuple(profiles))
    learnt, held_out, until, days = _split(table, rows)
    stored = {*rows.columns} - {*LINEAGE}  # of versions neither when they changed nor how
    known = {column.name: column for column in table.output_columns if column.name in stored}
    learnt_rows, of_learnt = profile_columns(learnt, tuple(known.values()), _day(table))
    names = {rule.name for rule in table.expectations}
    found = {
        rule.name: (rule, code)
        for rule, code in _rules(of_learnt, known, days if learnt_rows >= LEAST_ROWS else 0)
        if rule.name not in names
    }
    emails = [(rule, code) for rule, code in _emails(known) if rule.name not in names]
    broken = _broken(learnt, [rule for rule, _ in emails])
    found |= {rule.name: (rule, code) for rule, code in emails if not broken[rule.name]}
    broken = _broken(held_out, [rule for rule, _ in found.values()])
    evidence = f"{learnt_rows:,} rows; held on the days after {until}" if until else f"{learnt_rows:,} rows"
    unbroken = [(rule, code) for rule, code in found.values() if not broken[rule.name]]
    if not table.write.evaluates_records:
        unbroken = [(warn(rule.name, rule.condition), _call("warn", rule)) for rule, _ in unbroken]
    kept = [Proposal(code, evidence, rule) for rule, code in unbroken]
    kept += _gates(table, rows, count, profiles)
    return TableProfile(table.qualified_name, count, tuple(profiles), until, tuple(kept))


def _split(table: Table[...], rows: DataFrame) -> tuple[DataFrame, DataFrame, date | None, int]:
    """Return the rows of the first days, those of the others, the last of the first days, and how many these are."""
    day = _day(table)
    days = [] if day is None else rows.select(day.alias("day")).where("day IS NOT NULL").distinct().collect()
    if day is None or len(days) < MIN_DAYS:
        return rows, rows, None, len(days)
    count = int(len(days) * LEARN_SHARE)
    until = sorted(row[0] for row in days)[count - 1]
    is_learnt = F.coalesce(day <= F.lit(until), F.lit(False))  # what has no day is held out
    return rows.where(is_learnt), rows.where(~is_learnt), until, count


def _day(table: Table[...]) -> SqlColumn | None:
    for kind in ("date", "timestamp"):
        for column in table.columns:
            if column.type == kind and column.name not in (*LINEAGE, "valid_to", "valid_to_month"):
                return F.col(column.name).cast("date")
    return None


def _rules(
    profiles: Sequence[ColumnProfile], columns: dict[str, Column], days: int
) -> Iterator[tuple[Expectation, str]]:
    """Yield what the profiles suggest, with the code that declares it; lists of values only where there are days."""
    for each in profiles:
        if not each.nulls:
            yield _expect(f"{each.name}_present", f"{each.name} IS NOT NULL")
        if each.type.startswith(NUMBERS) and each.least is not None and each.least >= 0:
            if each.least > 0:
                yield _expect(f"{each.name}_positive", f"{each.name} IS NULL OR {each.name} > 0")
            else:
                yield not_negative(each.name), f'not_negative("{each.name}")'
        if each.values and not each.nulls and days and min(each.days_by_value.values()) >= LEAST_DAYS * days:
            texts = sorted(each.values)
            if not any("'" in text or "\\" in text for text in texts):
                quoted = ", ".join(map(_literal, texts))
                yield one_of(each.name, *texts), f'one_of("{each.name}", {quoted})'
                yield from _dependent(each, columns)


def _dependent(by: ColumnProfile, columns: dict[str, Column]) -> Iterator[tuple[Expectation, str]]:
    """Yield that other columns are present with some values of a column, where each value has all or none of them."""
    for name, nulls in by.nulls_by_value.items():
        present = sorted(value for value, count in nulls.items() if not count)
        absent = [value for value, count in nulls.items() if count == by.values[value]]
        if name in columns and present and absent and len(present) + len(absent) == len(nulls):
            texts = ", ".join(f"'{value}'" for value in present)
            yield _expect(f"{name}_present_by_{by.name}", f"{by.name} NOT IN ({texts}) OR {name} IS NOT NULL")


def _expect(name: str, condition: str) -> tuple[Expectation, str]:
    rule = expect(name, condition)
    return rule, _call("expect", rule)


def _call(function: str, rule: Expectation) -> str:
    """Return the code that declares a rule by its name and condition."""
    return f"{function}({_literal(rule.name)}, {_literal(rule.condition)})"


def _literal(text: str) -> str:
    """Return a text as it is written in Python, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def _emails(columns: dict[str, Column]) -> Iterator[tuple[Expectation, str]]:
    for column in columns.values():
        if column.personal and "email" in column.personal and column.type == "string":
            yield email(column.name), f'email("{column.name}")'


def _broken(rows: DataFrame, rules: Sequence[Expectation]) -> dict[str, int]:
    """Return how many rows break each rule."""
    if not rules:
        return {}
    counts = [F.count_if(~is_satisfied(rule)).alias(f"r{number}") for number, rule in enumerate(rules)]
    found = rows.agg(*counts).collect()[0]
    return {rule.name: found[number] for number, rule in enumerate(rules)}


def _gates(table: Table[...], rows: DataFrame, count: int, profiles: Sequence[ColumnProfile]) -> list[Proposal]:
    """Return that columns are unique in a feed which are: the key, and single identifiers that differ in all rows.

    Times, amounts and texts differ in all rows by chance. A column of a longer key does, too: the key says that it may
    be there again.
    """
    known = {gate.name for gate in table.gates}
    singles = [
        ("feed", each.name)
        for each in profiles
        if _identifies(each) and each.name not in table.key[1:] and not each.nulls
        if each.distinct > 0.9 * count > LEAST_ROWS
    ]
    keys = [tuple(table.key)] if table.key and not isinstance(table.write, Scd2) else []
    found: list[Proposal] = []
    for key in dict.fromkeys([*keys, *(each for each in singles if each[1] not in LINEAGE)]):
        if f"unique_{'_'.join(key)}" in known or any(set(one.unique) < set(key) for one in found):
            continue
        if rows.select(*key).distinct().count() == count:
            found.append(Proposal(_unique_code(key), f"{count:,} rows", unique=key))
    return found


def _identifies(column: ColumnProfile) -> bool:
    return column.type in IDENTIFYING and IDENTIFIER.search(column.name) is not None


def _unique_code(key: Sequence[str]) -> str:
    quoted = ", ".join(f'"{name}"' for name in key)
    return f"unique({quoted})"
