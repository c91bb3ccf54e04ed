"""Metrics as values: what is measured over the rows of a table, defined once for every tool that shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from shoplake.declare.table import Table

Direction = Literal["up", "down", "neither"]
AGGREGATE = re.compile(r"sum\((?P<summed>\w+)\)|count_if\((?P<condition>[^()]+)\)|count\(\*\)")
REST = re.compile(r"[-+ ]*")
WORD = re.compile(r"\b[a-z_]\w*\b", re.IGNORECASE)
KEYWORDS = {"and", "or", "not", "is", "null", "true", "false", "in"}


@dataclass(frozen=True)
class Metric:
    """A number over any rows of a table: `value`, or `value` divided by `per`.

    Both are sums of `sum(column)`, `count_if(condition)` and `count(*)` with signs between them, which every engine
    answers alike. A division by zero is null. `unit` is `currency`, `share`, or what is counted, such as `orders`.
    `good` is the direction that is good for the shop. Money is grouped by its currency, which is the reader's task.

    Raises DeclarationError for another expression.
    """

    name: str
    label: str
    meaning: str
    value: str
    unit: str
    good: Direction
    per: str = ""

    def __post_init__(self) -> None:
        for text in (self.value, self.per):
            if REST.fullmatch(AGGREGATE.sub("", text)) is None:
                raise DeclarationError(
                    f"The metric '{self.name}' is '{text}'. Write it with sum(column), count_if(condition) and "
                    "count(*), with + or - between them; a ratio has a second one in per=."
                )

    @property
    def columns(self) -> list[str]:
        """The columns it reads, in order."""
        texts = (
            match["summed"] or match["condition"] or "" for match in AGGREGATE.finditer(f"{self.value} {self.per}")
        )
        return [word for text in texts for word in _columns(text)]

    @property
    def numerator(self) -> Metric:
        """What a ratio divides; another metric is its own."""
        return replace(self, per="")

    def sql(self, name: Callable[[str], str] = str, where: str = "") -> str:
        """Return the aggregate as ANSI SQL over the rows `where` holds; `name` spells a column, such as with its table.

        A share is a double; another ratio has the type that its engine gives to the quotient.
        """
        value, per = (AGGREGATE.sub(lambda match: _ansi(match, name, where), text) for text in (self.value, self.per))
        if not per:
            return value
        factor = "1e0 * " if self.unit == "share" else ""
        return f"{factor}{_grouped(value)} / NULLIF({per}, 0)"

    def of_sums(self, name: Callable[[str], str] = str) -> str:
        """Return it over columns that are added up already; `name` spells such a column.

        Raises DeclarationError for a metric that counts rows.
        """
        if not all(match["summed"] for match in AGGREGATE.finditer(f"{self.value} {self.per}")):
            raise DeclarationError(f"The metric '{self.name}' counts rows; it is none of sums.")
        value, per = (AGGREGATE.sub(lambda match: name(match["summed"]), text) for text in (self.value, self.per))
        return f"{_grouped(value)} / nullif({per}, 0)" if per else value


@dataclass(frozen=True)
class MetricView:
    """The metrics of a table: over which day, by which dimensions, and of which rows.

    Args:
        time: the column with the day on which a row counts.
        metrics: the metrics; each adds up over days and dimensions.
        dimensions: the columns that the metrics may be split by.
        where: the rows that count, as SQL over the columns; all by default.

    """

    time: str
    metrics: tuple[Metric, ...]
    dimensions: tuple[str, ...]
    where: str = ""

    @property
    def columns(self) -> list[str]:
        """All columns that it names."""
        measured = [column for metric in self.metrics for column in metric.columns]
        return [self.time, *self.dimensions, *_columns(self.where), *measured]

    def check(self, table: Table[...]) -> None:
        """Raise DeclarationError where the table lacks a column, or two metrics have one name."""
        names = [metric.name for metric in self.metrics]
        if len(set(names)) < len(names):
            raise DeclarationError(f"{table.qualified_name} declares a metric twice.")
        for column in self.columns:
            if table.column(column) is None:
                where = f"{table.qualified_name} has no column '{column}' for its metrics."
                raise DeclarationError(f"{where} {hint(column, [each.name for each in table.columns])}")


def find_metrics(tables: Iterable[Table[...]]) -> list[tuple[Metric, Table[...]]]:
    """Return each metric once, with the table of the fewest dimensions that has it, in the order of the tables.

    Raises DeclarationError for two metrics of one name.
    """
    found: dict[str, tuple[Metric, Table[...], int]] = {}
    for table, view in _views(tables):
        for metric in view.metrics:
            known, other, dimensions = found.get(metric.name, (metric, table, len(view.dimensions)))
            if known != metric:
                places = f"{other.qualified_name} and in {table.qualified_name}"
                raise DeclarationError(f"The metric '{metric.name}' is defined in two ways, in {places}.")
            home = table if len(view.dimensions) < dimensions else other
            found[metric.name] = (metric, home, min(dimensions, len(view.dimensions)))
    return [(metric, table) for metric, table, _ in found.values()]


def _views(tables: Iterable[Table[...]]) -> Iterator[tuple[Table[...], MetricView]]:
    for table in tables:
        if table.metrics is not None:
            yield table, table.metrics


def _columns(text: str) -> list[str]:
    return [word for word in WORD.findall(re.sub(r"'[^']*'", "", text)) if word.lower() not in KEYWORDS]


def _ansi(match: re.Match[str], name: Callable[[str], str], where: str) -> str:
    conditions = [_spell(each, name) for each in (where, match["condition"]) if each]
    condition = conditions[0] if len(conditions) == 1 else " AND ".join(f"({each})" for each in conditions)
    case = f"CASE WHEN {condition} THEN {{}} END" if conditions else "{}"
    if match["summed"]:
        return f"SUM({case.format(name(match['summed']))})"
    return f"COUNT({case.format('1' if conditions else '*')})"


def _spell(condition: str, name: Callable[[str], str]) -> str:
    """Return a condition with its columns spelled by `name`; texts in quotes stay."""
    parts = re.split(r"('[^']*')", condition)
    return "".join(
        part if part.startswith("'") else WORD.sub(lambda word: _word(word[0], name), part) for part in parts
    )


def _word(word: str, name: Callable[[str], str]) -> str:
    return word if word.lower() in KEYWORDS else name(word)


def _grouped(text: str) -> str:
    return f"({text})" if re.search(r"\) [-+]|^\w+ [-+]", text) else text
