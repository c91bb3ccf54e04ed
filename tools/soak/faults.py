"""What befalls a step of a life: another writer, and a disk that fills up."""

from __future__ import annotations

import errno
from contextlib import suppress
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any
from unittest import mock

from pyspark.errors import PySparkException

from shoplake.engine.storage.locks.lease import Lease
from shoplake.errors import LakeLockedError, ShoplakeError
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random

    from tools.soak.actions import Step
    from tools.soak.killable_lake import KillableLake

FULL = "No space left on device (os error 28)"
PLACES: dict[str, tuple[str, str, Exception]] = {
    "tables": ("pyspark.sql.connect.readwriter.DataFrameWriter", "save", PySparkException(FULL)),
    "staging files": ("pyspark.sql.connect.readwriter.DataFrameWriter", "parquet", PySparkException(FULL)),
    "state store": ("shoplake.engine.state.folder_ops", "write_deltalake", OSError(errno.ENOSPC, FULL)),
    "deletion of rows": ("deltalake.DeltaTable", "delete", OSError(errno.ENOSPC, FULL)),
}


def second_writer(lake: KillableLake, step: Step) -> None:
    """Try a step while another process writes: it must be refused."""
    with Lease(str(lake.path), "another"):
        try:
            step.act()
        except LakeLockedError:
            return
    raise DifferenceError(f"{step.name} was not refused while another process held the lease")


def disk_full(lake: KillableLake, step: Step, random: random.Random, most_writes: int = 0) -> None:
    """Try a step while one kind of write fails: it may end with an error that a user can read, and no other.

    At most so many writes of that kind succeed before.
    """
    owner, name, error = PLACES[random.choice([*PLACES])]
    place = resolve_name(owner)
    write, left = getattr(place, name), random.randint(0, most_writes) if most_writes else 0

    def fail(*args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise error
        return write(*args, **options)

    with mock.patch.object(place, name, fail), suppress(ShoplakeError):
        step.act()
    lake.lake = lake.open()
