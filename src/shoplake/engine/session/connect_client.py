"""The Spark Connect client, imported so that it also works in `python -c` and scripts read from standard input.

There it takes itself for running its doctests, because `__main__` has no file, and ends the process (pyspark 4.2).
"""

from __future__ import annotations

import logging
import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_main = sys.modules["__main__"]
_has_no_file = not hasattr(_main, "__file__")
if _has_no_file:
    _main.__file__ = "<string>"
try:
    from pyspark.sql.connect.dataframe import DataFrame as ConnectDataFrame
    from pyspark.sql.connect.session import SparkSession as ConnectSession
finally:
    if _has_no_file:
        del _main.__file__

__all__ = ["ConnectDataFrame", "make_active", "quiet_client"]


def quiet_client() -> None:
    """Keep the client from printing every error it raises, with a page of Java's stack: shoplake reports errors."""
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]")


def make_active(session: SparkSession) -> SparkSession:
    """Make a session the thread's active one, where `pyspark.ml` looks for its models, whichever trained them.

    Left to itself the client keeps to the thread's first session, and has no way to change that (pyspark 4.2).
    """
    ConnectSession._active_session.session = session
    return session
