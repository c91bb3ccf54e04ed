"""The destination that a user types: a folder, a file, or the URL of a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from shoplake.errors import hint
from shoplake.serve.errors import ExportError
from shoplake.serve.export.destinations.connection_url import SCHEMES, ConnectionUrl
from shoplake.serve.export.destinations.duckdb_file import DuckdbDestination
from shoplake.serve.export.destinations.folder import FolderDestination
from shoplake.serve.export.destinations.postgres import PostgresDestination
from shoplake.serve.export.destinations.xlsx_file import XlsxDestination

if TYPE_CHECKING:
    from typing import Literal

    from shoplake.serve.export.destinations.destination import Destination

FORMATS = ("parquet", "csv", "duckdb", "xlsx", "postgresql")
BY_SUFFIX = {".duckdb": "duckdb", ".xlsx": "xlsx"}
FOLDER_FORMATS = ("parquet", "csv")


def parse_target(target: str, format: str | None = None) -> Destination:
    """Return the destination of `--to` and `--format`; without a format the target says it, a folder has Parquet.

    Raises ExportError for a target and a format that do not fit together.
    """
    scheme, separator, _ = target.partition("://")
    if separator:
        return _database(scheme, target, format)
    path = Path(target)
    implied = BY_SUFFIX.get(path.suffix.lower())
    if path.suffix.lower() in (".parquet", ".csv"):
        raise ExportError(
            f"'{target}' is the name of a file; an export is a folder of files. Name a folder: "
            f"--to {path.stem} --format {path.suffix[1:]}"
        )
    chosen = format or implied or "parquet"
    _check(target, chosen, implied or (chosen if chosen in FOLDER_FORMATS else None))
    if chosen == "duckdb":
        return DuckdbDestination(path)
    if chosen == "xlsx":
        return XlsxDestination(path)
    return FolderDestination(path, cast("Literal['parquet', 'csv']", chosen))


def _database(scheme: str, target: str, format: str | None) -> Destination:
    url = ConnectionUrl(target)
    if scheme not in SCHEMES:
        raise ExportError(f"'{url.label}' is no destination. {hint(scheme, [*SCHEMES])} Or name a folder or a file.")
    _check(url.label, format or "postgresql", "postgresql")
    return PostgresDestination(url)


def _check(label: str, chosen: str, implied: str | None) -> None:
    """Raise ExportError unless the target can have the format."""
    if chosen == implied:
        return
    if implied is not None:
        raise ExportError(f"'{label}' is {implied}, not {chosen}. Leave out --format, or name another target.")
    suffix = next((suffix for suffix, format in BY_SUFFIX.items() if format == chosen), None)
    name = f"a file that ends in {suffix}" if suffix else "a URL: postgresql://user@host/database"
    raise ExportError(f"'{label}' cannot be {chosen}. Name {name}.")
