"""The rows of a table or of a query: PySpark's verbs, and Arrow, pandas, Polars and notebooks."""

from __future__ import annotations

import contextlib
import html
import io
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pyspark.errors import PySparkException

from shoplake.engine.query.grouped import GroupedLakeFrame
from shoplake.engine.query.query_error import to_query_error
from shoplake.engine.session.error_mapping import to_shoplake_error
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame, Row
    from pyspark.sql.types import StructType

T = TypeVar("T")
HTML_ROWS = 20


class LakeFrame:
    """Rows of a table or of a query, computed when they are needed.

    PySpark's verbs (`select`, `where`, `join`, `groupBy` …) return a LakeFrame again; `spark` is the PySpark DataFrame,
    for what is not here. What the engine cannot compute raises QueryError.
    """

    def __init__(self, rows: DataFrame, columns: Collection[str] = ()) -> None:
        self._rows, self._known_columns = rows, tuple(columns)

    @property
    def spark(self) -> DataFrame:
        """The same rows as a PySpark DataFrame."""
        return self._rows

    @property
    def columns(self) -> list[str]:
        """The column names, in order."""
        return list(self._ask(lambda: self._rows.columns))

    @property
    def schema(self) -> StructType:
        """The column names and types, as PySpark has them."""
        return self._ask(lambda: self._rows.schema)

    @property
    def dtypes(self) -> list[tuple[str, str]]:
        """The column names and types, as text."""
        return self._ask(lambda: self._rows.dtypes)

    def to_arrow(self) -> pa.Table:
        """Return all rows as an Arrow table; decimals and times (UTC) keep their types."""
        return self._ask(self._rows.toArrow)

    def to_pandas(self) -> pd.DataFrame:
        """Return all rows as a pandas DataFrame; decimals are Python Decimals."""
        return self._ask(self._rows.toPandas)

    def to_polars(self) -> pl.DataFrame:
        """Return all rows as a Polars DataFrame. Raises ShoplakeError where Polars is not installed."""
        try:
            import polars
        except ImportError as error:
            raise ShoplakeError("to_polars needs the package polars. Install it: pip install polars") from error
        return polars.from_arrow(self.to_arrow())

    def collect(self) -> list[Row]:
        """Return all rows as PySpark Rows."""
        return self._ask(self._rows.collect)

    def first(self) -> Row | None:
        """Return the first row, or None without any."""
        return self._ask(self._rows.first)

    def take(self, n: int) -> list[Row]:
        """Return the first `n` rows."""
        return self._ask(lambda: self._rows.take(n))

    def count(self) -> int:
        """Return the number of rows."""
        return self._ask(self._rows.count)

    def is_empty(self) -> bool:
        """Whether there is no row."""
        return self._ask(self._rows.isEmpty)

    def show(self, n: int = 20, truncate: bool | int = True) -> None:
        """Print the first `n` rows; texts are cut after 20 characters unless `truncate` is false."""
        self._ask(lambda: self._rows.show(n, truncate))

    def select(self, *columns: str | Column) -> LakeFrame:
        """Return these columns or expressions."""
        return self._with(self._rows.select(*columns))

    def selectExpr(self, *expressions: str) -> LakeFrame:
        """Return SQL expressions."""
        return self._with(self._rows.selectExpr(*expressions))

    def where(self, condition: str | Column) -> LakeFrame:
        """Return the rows for which a condition, as SQL or as a Column, is true."""
        return self._with(self._rows.where(condition))

    filter = where

    def withColumn(self, name: str, column: Column) -> LakeFrame:
        """Return the rows with a column added or replaced."""
        return self._with(self._rows.withColumn(name, column))

    def withColumns(self, columns: Mapping[str, Column]) -> LakeFrame:
        """Return the rows with columns added or replaced."""
        return self._with(self._rows.withColumns(dict(columns)))

    def withColumnRenamed(self, old: str, new: str) -> LakeFrame:
        """Return the rows with a column renamed."""
        return self._with(self._rows.withColumnRenamed(old, new))

    def drop(self, *columns: str) -> LakeFrame:
        """Return the rows without these columns."""
        return self._with(self._rows.drop(*columns))

    def dropna(self, subset: str | Sequence[str] | None = None) -> LakeFrame:
        """Return the rows without a null in any column, or in those of `subset`."""
        return self._with(
            self._rows.dropna(subset=subset if isinstance(subset, str) or subset is None else list(subset))
        )

    def fillna(self, value: Any, subset: str | list[str] | None = None) -> LakeFrame:
        """Return the rows with a value for nulls."""
        return self._with(self._rows.fillna(value, subset=subset))

    def distinct(self) -> LakeFrame:
        """Return each row once."""
        return self._with(self._rows.distinct())

    def dropDuplicates(self, subset: list[str] | None = None) -> LakeFrame:
        """Return one row for each value of the columns in `subset`, or of all columns."""
        return self._with(self._rows.dropDuplicates(subset))

    def orderBy(self, *columns: str | Column) -> LakeFrame:
        """Return the rows in the order of these columns."""
        return self._with(self._rows.orderBy(*columns))

    sort = orderBy

    def limit(self, n: int) -> LakeFrame:
        """Return at most `n` rows."""
        return self._with(self._rows.limit(n))

    def alias(self, name: str) -> LakeFrame:
        """Return the same rows under a name, for joins."""
        return self._with(self._rows.alias(name))

    def join(self, other: LakeFrame | DataFrame, on: Any = None, how: str | None = None) -> LakeFrame:
        """Return the join with other rows on columns or a condition; `how` as in PySpark."""
        return self._with(self._rows.join(_plain(other), on, how), other)

    def crossJoin(self, other: LakeFrame | DataFrame) -> LakeFrame:
        """Return each row with each of the other rows."""
        return self._with(self._rows.crossJoin(_plain(other)), other)

    def union(self, other: LakeFrame | DataFrame) -> LakeFrame:
        """Return the rows of both, columns by position."""
        return self._with(self._rows.union(_plain(other)), other)

    unionAll = union

    def unionByName(self, other: LakeFrame | DataFrame, allowMissingColumns: bool = False) -> LakeFrame:
        """Return the rows of both, columns by name."""
        return self._with(self._rows.unionByName(_plain(other), allowMissingColumns), other)

    def exceptAll(self, other: LakeFrame | DataFrame) -> LakeFrame:
        """Return the rows that the other lacks."""
        return self._with(self._rows.exceptAll(_plain(other)), other)

    def intersect(self, other: LakeFrame | DataFrame) -> LakeFrame:
        """Return the rows that both have."""
        return self._with(self._rows.intersect(_plain(other)), other)

    def agg(self, *columns: Column) -> LakeFrame:
        """Return one row of aggregates."""
        return self._with(self._rows.agg(*columns))

    def groupBy(self, *columns: str | Column) -> GroupedLakeFrame:
        """Group the rows by columns, to aggregate them."""
        return GroupedLakeFrame(self._rows.groupBy(*columns), self._with)

    @overload
    def __getitem__(self, item: str | int) -> Column: ...
    @overload
    def __getitem__(self, item: Column | list[str | Column] | tuple[str | Column, ...]) -> LakeFrame: ...
    def __getitem__(self, item: Any) -> Any:
        """Return a column by its name, some columns, or the rows for which a condition is true."""
        if isinstance(item, list | tuple):
            return self.select(*item)
        return self._rows[item] if isinstance(item, str | int) else self.where(item)

    def __iter__(self) -> Iterator[Row]:
        """Iterate over all rows."""
        return iter(self.collect())

    def __len__(self) -> int:
        return self.count()

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"LakeFrame({', '.join(f'{name}: {kind}' for name, kind in self.dtypes)})"

    def _repr_html_(self) -> str:
        """Return the first rows as an HTML table, for notebooks."""
        rows = self._ask(lambda: self._rows.limit(HTML_ROWS + 1).toArrow())
        head = "".join(f"<th>{html.escape(name)}</th>" for name in rows.column_names)
        cells = zip(*(column.to_pylist() for column in rows.slice(0, HTML_ROWS).columns), strict=True)
        texts = (["" if value is None else html.escape(str(value)) for value in row] for row in cells)
        body = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in texts)
        more = f"<p>First {HTML_ROWS} rows.</p>" if rows.num_rows > HTML_ROWS else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def _with(self, rows: DataFrame, other: LakeFrame | DataFrame | None = None) -> LakeFrame:
        theirs = other._known_columns if isinstance(other, LakeFrame) else ()
        return LakeFrame(rows, dict.fromkeys((*self._known_columns, *theirs)))

    def _ask(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (PySparkException, ValueError) as error:
            raise to_shoplake_error(error, to_query_error(error, self._known_columns)) from error


def explain_plan(rows: DataFrame) -> str:
    """Return the physical plan of rows that are not yet computed, as text."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        rows.explain()
    return output.getvalue().strip()


def _plain(rows: LakeFrame | DataFrame) -> DataFrame:
    return rows.spark if isinstance(rows, LakeFrame) else rows
