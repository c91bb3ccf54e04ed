"""The closed list of ways a table takes in new rows. Repeated, each changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Append:
    """Add the rows of a batch in place of those that an earlier attempt at the same batch left."""


@dataclass(frozen=True)
class Upsert:
    """Keep one row per key: the first or the last by `order_by`.

    Equal values: the smallest payload hash is first, the greatest is last, so that the order of arrival
    never matters. With `within_days`, repeats are looked for in partitions that many days around a row's own.
    A table that is read and is no stream gives rows to feeds of its own, which are put in place by days; `slices` says
    which of its columns holds the day.
    """

    order_by: str
    keep: Literal["first", "last"] = "last"
    dedup_window_days: int | None = None
    input_partitions: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Replace:
    """Put the rows in place of the whole table, or of the slices that have the same value in `by`.

    `slices` says which column of a table that is read holds that value, where it has another name there, or which
    two, where a row there matters from the one day to the other. A table that is read and holds no such column is read
    whole. Where the rows are made `of_records`, bad ones are set aside, and rows that are alike are one. Where
    every row is made of one row `each_of` a table, and of what is looked up in others, rows new there are new here.
    """

    partition_by: str | None = None
    input_partitions: Mapping[str, str | tuple[str, str]] = field(default_factory=dict, hash=False)
    from_records: bool = False
    one_to_one_with: str | None = None


@dataclass(frozen=True)
class SessionWindow:
    """Take out the old rows that new input touches and put those built again in their place, in one commit.

    A row spans the time from `starts` to `ends` of one value `of`, and is filed under the day `by`. Input of the same
    value touches it if its time `at` lies in that span or `within_s` seconds around it; `day` is the input's partition.
    Of the input only the rows count for which the SQL condition `only` is true.
    """

    key: str
    event_time: str
    event_date: str
    start: str
    end: str
    partition_by: str
    gap_s: int
    filter: str = "true"


@dataclass(frozen=True)
class Scd2:
    """Keep every version of a key with its `valid_from` and `valid_to` (SCD type 2), whatever order changes come in.

    The columns it names stand in the changes, not in the versions. Of several changes of a key at one moment the one
    with the greatest `sequence` counts. An `operation` that is `delete` ends the version. `sets` lists the columns that
    a change says, the others being as they were; null says all. Without such a column no change has one.
    """

    effective_at: str
    sequence_by: str | None = None
    operation: str | None = None
    changed_columns: str | None = None

    @property
    def controls(self) -> tuple[str, ...]:
        """The columns of a change that say how it is to be read, and are no fact."""
        return tuple(name for name in (self.operation, self.sequence_by, self.changed_columns) if name is not None)


WriteMode = Append | Upsert | Replace | SessionWindow | Scd2
