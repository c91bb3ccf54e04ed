"""Mistakes in the functions of tables and kinds, found when they are called with empty inputs."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from shoplake.engine import to_query_error, to_shoplake_error
from shoplake.errors import DeclarationError, EngineError, SchemaMismatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from pyspark.sql import SparkSession

    from shoplake.declare import Table

SHARED_SETTINGS = {
    "spark.sql.session.timeZone": "Convert times with F.from_utc_timestamp(at, 'Europe/London').",
    "spark.sql.ansi.enabled": "Read texts that may not fit with F.try_to_number, F.try_to_timestamp or TRY_CAST.",
    "spark.sql.caseSensitive": "Rename columns that differ in nothing but capitals.",
}
"""Settings of the session that change what other tables of a run compute, and what a function can do instead."""


@contextmanager
def naming_function(table: Table[...], mappers: Iterable[Callable[..., Any]]) -> Iterator[None]:
    """Name the table whose function fails inside `with`, and the line; an engine that is gone is no mistake of a table.

    The line is the last one in a file of the function, or of a mapper that it calls.
    """
    try:
        yield
    except (SchemaMismatchError, EngineError):
        raise
    except Exception as error:
        if isinstance(error, DeclarationError) and str(error).startswith(table.qualified_name):
            raise  # it is named already
        files = {code.co_filename for each in (table.build, *mappers) if (code := getattr(each, "__code__", None))}
        lines = [each for each in traceback.extract_tb(error.__traceback__) if each.filename in files]
        place = f" ({Path(lines[-1].filename).name}, line {lines[-1].lineno})" if lines else ""
        failed = DeclarationError(f"{table.qualified_name} cannot be built: {_reason(error)}{place}")
        raise (to_shoplake_error(error, failed) if isinstance(error, PySparkException) else failed) from error


def _reason(error: Exception) -> str:
    if isinstance(error, PySparkException):
        return to_query_error(error).reason
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def check_is_frame(rows: Any) -> None:
    """Raise TypeError unless a function has returned a DataFrame of Spark."""
    if rows is None:
        raise TypeError("its function returned None, not a DataFrame. End it with return.")
    if not isinstance(rows, DataFrame):
        name = f"{type(rows).__module__.partition('.')[0]}.{type(rows).__name__}"
        raise TypeError(f"its function returned a {name}, not a DataFrame of Spark.")


def check_reads(table: Table[...], reads: Collection[str]) -> None:
    """Raise DeclarationError if a function reads something beside its inputs: what is new there would build nothing."""
    for each in reads:
        raise DeclarationError(
            f"{table.qualified_name} reads {each}, which is none of its inputs: a change there would build nothing. "
            "Name a table of the lake as a parameter instead. Rows of a small file can be part of the function, as "
            "rows.sparkSession.createDataFrame(pandas.read_csv(file), schema)."
        )


@contextmanager
def with_same_settings(
    session: SparkSession, table: Table[...], mappers: Iterable[Callable[..., Any]]
) -> Iterator[None]:
    """Raise DeclarationError if a function of a project, called inside `with`, changes a setting that all tables share.

    The setting is what it was afterwards. shoplake's own functions set nothing and are not looked at.
    """
    if all(each.__module__.partition(".")[0] == "shoplake" for each in (table.build, *mappers)):
        yield
        return
    before = {name: session.conf.get(name, None) for name in SHARED_SETTINGS}
    try:
        yield
    finally:
        changed = [name for name, value in before.items() if session.conf.get(name, None) != value]
        for name in changed:
            _set_back(session, name, before[name])
    if changed:
        raise DeclarationError(
            f"{table.qualified_name} sets {changed[0]}, which all tables of a run share. {SHARED_SETTINGS[changed[0]]}"
        )


def _set_back(session: SparkSession, name: str, value: str | None) -> None:
    if value is None:
        session.conf.unset(name)
    else:
        session.conf.set(name, value)
