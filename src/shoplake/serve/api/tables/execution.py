"""Executes queries of users: what DuckDB refuses is a problem of the query, not of the server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from shoplake.serve.api.problem import ProblemError
from shoplake.serve.store.generation import Generation

MAX_MESSAGE = 300


@contextmanager
def query_problems() -> Iterator[None]:
    """Turn what DuckDB says of a query into ProblemError 422, and a lack of memory into 504."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ProblemError(504, "The query needs more memory than it may use. Ask for less.") from error
    except duckdb.Error as error:
        message = str(error).split("\n", 1)[0][:MAX_MESSAGE]
        raise ProblemError(422, f"The query cannot be answered: {message}") from error


def execute(generation: Generation, sql: str, values: Sequence[Any] = ()) -> pa.Table:
    """Return the rows of a query. Raises ProblemError 422 or 504."""
    with query_problems():
        return generation.query(sql, values)
