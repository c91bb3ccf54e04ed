"""Logging: the run and the table in each record, as text or JSON, and no secrets.

The library logs to loggers below `shoplake` and prints nothing until `configure_logging` or the application sets a
handler. Records have the attributes `run_id` and `table`, empty outside a run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
TEXT = "%(asctime)s %(levelname)s %(name)s%(context)s %(message)s"
SECRET_NAMES = re.compile(r"SECRET|TOKEN|PASSWORD|ACCESS_KEY_ID", re.IGNORECASE)
URL = re.compile(r"(?<=://)(?:([^/\s'\"]+|[^/:\s'\"]+:[^\s'\"]*)(?=@))?[^\s'\"]*")
URL_SECRET = re.compile(
    r"(?<=[?&;])([\w.-]*(?:key|token|secret|pass|sig|auth|credential)[\w.-]*=)[^&;]+?(?=[&;]|[:.,)]*$)", re.I
)
MIN_SECRET_LENGTH = 4
HIDDEN = "***"

_run_id: ContextVar[str] = ContextVar("shoplake_run_id", default="")
_table: ContextVar[str] = ContextVar("shoplake_table", default="")

logging.getLogger("shoplake").addHandler(logging.NullHandler())


@contextlib.contextmanager
def log_context(run_id: str | None = None, table: str | None = None) -> Iterator[None]:
    """Give records of this thread a run and a table, inside a `with`."""
    tokens = [
        (variable, variable.set(value)) for variable, value in ((_run_id, run_id), (_table, table)) if value is not None
    ]
    try:
        yield
    finally:
        for variable, token in tokens:
            variable.reset(token)


def set_log_context(run_id: str, table: str) -> None:
    """Give records of this thread a run and a table from now on, for work that begins and ends in callbacks."""
    _run_id.set(run_id)
    _table.set(table)


def configure_logging(level: str, fmt: str = "text", stream: TextIO | None = None) -> None:
    """Write records of shoplake at `level` or above to a stream, by default stderr.

    `level` is debug, info, warning or error; `fmt` is text, or json for one object per line. Raises ValueError for
    others. Calling it again replaces what the last call set.
    """
    if level not in LEVELS or fmt not in FORMATS:
        raise ValueError(f"level = {level!r}, fmt = {fmt!r}: use one of {LEVELS} and one of {FORMATS}")
    handler = _ConfiguredHandler(stream or sys.stderr)
    handler.setFormatter(_JsonFormatter() if fmt == "json" else _TextFormatter(TEXT))
    handler.addFilter(_add_context)
    root = logging.getLogger("shoplake")
    for old in [each for each in root.handlers if isinstance(each, _ConfiguredHandler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())


def hide_secrets(text: str) -> str:
    """Return a text without the values of environment variables that name secrets, or secrets in URLs."""
    for name, value in os.environ.items():
        if SECRET_NAMES.search(name) and len(value) >= MIN_SECRET_LENGTH:
            text = text.replace(value, HIDDEN)
    return hide_url_secrets(re.sub(r"(;token=)[^;\s]+", rf"\1{HIDDEN}", text))


def hide_url_secrets(text: str) -> str:
    """Return a text in whose URLs `***` stands for users with passwords, and for parameters that name secrets."""
    return URL.sub(_without_secrets, text)


def _without_secrets(match: re.Match[str]) -> str:
    url, user = match[0], match[1]
    if user and user.endswith(f":{HIDDEN}"):
        return url  # whose secrets are hidden already
    return URL_SECRET.sub(rf"\1{HIDDEN}", f"{HIDDEN}{url.removeprefix(user)}" if user else url)


class _ConfiguredHandler(logging.StreamHandler[TextIO]):
    """The handler that `configure_logging` sets."""


def _add_context(record: logging.LogRecord) -> bool:
    record.run_id, record.table = _run_id.get(), _table.get()
    return True


class _TextFormatter(logging.Formatter):
    """One line: time in UTC, level, logger, run and table where there are, message."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        names = {"run": getattr(record, "run_id", "")[:8], "table": getattr(record, "table", "")}
        context = " ".join(f"{name}={value}" for name, value in names.items() if value)
        record.context = f" [{context}]" if context else ""
        return hide_secrets(super().format(record))


class _JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, run_id, table, message, and error where there is one."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "run_id": getattr(record, "run_id", ""),
            "table": getattr(record, "table", ""),
            "message": record.getMessage(),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps({name: hide_secrets(value) for name, value in entry.items() if value}, ensure_ascii=False)
