"""What staged files say about their rows, read without a query: each query costs Spark a tenth of a second or more."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
from pyarrow import fs

from shoplake.columns.raw_record import RECORD
from shoplake.engine.storage import filesystem
from shoplake.errors import EngineError
from shoplake.transforms.expectations import VIOLATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEPARATOR = "\x1f"


class UnsharedFolderError(EngineError):
    """The Spark server and this process do not see the same files."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"The Spark server has written {path}, and there is no such folder here: it and this process do not see "
            "the same files. Set lake, and the path of each feed, to folders that both see under one name: a volume "
            "such as /Volumes/shop/ops/files, or a mounted disk."
        )


@dataclass
class RuleCounts:
    """Valid rows, rows by the rules that they violate, each rule once and sorted, and the batches of those."""

    valid: int = 0
    invalid: Counter[tuple[str, ...]] = field(default_factory=Counter)
    batches: set[str] = field(default_factory=set)


def check_shared(folder: str) -> None:
    """Raise UnsharedFolderError where a server has written a folder to a disk that this process does not see."""
    if not filesystem.is_remote(folder) and not Path(folder).exists():
        raise UnsharedFolderError(folder)


def count_rows(folder: str) -> int:
    """Count the rows of a folder's Parquet files; 0 where it does not exist: Sail writes nothing without rows."""
    dataset = _open(folder)
    return 0 if dataset is None else int(dataset.count_rows())


def count_rules(folder: str, *, has_record: bool) -> RuleCounts:
    """Count evaluated rows by the rules that they violate; `has_record` says whether they name their batches."""
    counts = RuleCounts()
    columns = {"rules": ds.field(VIOLATIONS)} | ({"batch": ds.field(RECORD, "batch_id")} if has_record else {})
    for rows in _batches(folder, columns):
        invalid = rows.filter(pc.greater(pc.list_value_length(rows["rules"]), 0))
        counts.valid += rows.num_rows - invalid.num_rows
        if has_record:
            counts.batches.update(filter(None, pc.unique(invalid["batch"]).to_pylist()))
        for entry in pc.value_counts(pc.binary_join(invalid["rules"], SEPARATOR)).to_pylist():
            counts.invalid[tuple(sorted(set(entry["values"].split(SEPARATOR))))] += entry["counts"]
    return counts


def has_repeats(folder: str, key: Sequence[str]) -> bool:
    """Whether two valid rows have the same key; the keys of all are in memory at once. A key of null repeats none."""
    tables = [
        pa.Table.from_batches([rows]) for rows in _batches(folder, {name: ds.field(name) for name in key}, _VALID)
    ]
    if not tables:
        return False
    keys = pa.concat_tables(tables).drop_null()
    counts = keys.group_by(list(key), use_threads=False).aggregate([([], "count_all")])
    return bool(counts.num_rows < keys.num_rows)


def value_range(folder: str, column: str, *, only_valid: bool = True) -> tuple[Any, Any]:
    """Return the least and the greatest value of a column, of evaluated rows only of valid ones; nulls if none."""
    where = _VALID if only_valid else None
    ends = [pc.min_max(rows["value"]).as_py() for rows in _batches(folder, {"value": ds.field(column)}, where)]
    values = [end for each in ends for end in each.values() if end is not None]
    return min(values, default=None), max(values, default=None)


def value_counts(folder: str, column: str) -> Counter[Any]:
    """Count the rows by a column of few values."""
    counts = Counter[Any]()
    for rows in _batches(folder, {"value": ds.field(column)}):
        for entry in pc.value_counts(rows["value"]).to_pylist():
            counts[entry["values"]] += entry["counts"]
    return counts


def count_true(folder: str, column: str) -> int:
    """Count the rows whose column is true."""
    return sum(pc.sum(rows["value"]).as_py() or 0 for rows in _batches(folder, {"value": ds.field(column)}))


_VALID = pc.list_value_length(ds.field(VIOLATIONS)) == 0


def _batches(
    folder: str, columns: dict[str, ds.Expression], where: ds.Expression | None = None
) -> Iterable[pa.RecordBatch]:
    dataset = _open(folder)
    return () if dataset is None else dataset.to_batches(columns=columns, filter=where)


def _open(folder: str) -> ds.Dataset | None:
    where, path = filesystem.filesystem_for(folder)
    if where.get_file_info(path).type is fs.FileType.NotFound:
        return None
    return ds.dataset(path, format="parquet", filesystem=where)
