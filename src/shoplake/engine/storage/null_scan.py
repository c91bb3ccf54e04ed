"""The nulls of columns of which the log keeps no count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoplake.engine.storage import delta_log, filesystem
from shoplake.engine.storage.table_cache import load_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def scanned_null_counts(at: str, columns: Iterable[str]) -> dict[str, int]:
    """Count the nulls of some columns of the current version by the footers of its files, or else by reading them."""
    columns = list(columns)
    if not columns:
        return {}
    counts = None if filesystem.is_remote(at) else _footer_null_counts(at, columns)
    if counts is not None:
        return counts
    rows = load_table(at).to_pyarrow_dataset()
    return {name: int(rows.count_rows(filter=pc.is_null(pc.field(name)))) for name in columns}


def _footer_null_counts(at: str, columns: Sequence[str]) -> dict[str, int] | None:
    """Count nulls by footers alone, each read once; None where one does not say."""
    counts = dict.fromkeys(columns, 0)
    for path in delta_log.file_paths(at):
        footer = pq.read_metadata(f"{at}/{path}")
        places = {footer.schema.column(place).path: place for place in range(footer.num_columns)}
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            for name in columns:
                nulls = _nulls(group, places.get(name))
                if nulls is None:
                    return None
                counts[name] += nulls
    return counts


def _nulls(group: pq.RowGroupMetaData, place: int | None) -> int | None:
    """Return the nulls of a column in a row group: all rows where the file is older than the column."""
    if place is None:
        return int(group.num_rows)
    statistics = group.column(place).statistics
    return int(statistics.null_count) if statistics is not None and statistics.has_null_count else None
