"""Set aside what a power cut left of commits that were not durable, so that the next run does their work again."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.durability.durable_heads import forget_heads, load_heads, mark_durable
from shoplake.engine.storage.durability.head_check import Severity, find_damage
from shoplake.engine.storage.durability.sync import sync_lake
from shoplake.engine.storage.locks.lease import Lease

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from shoplake.engine.storage.durability.head_check import Damage

FOLDER = "_damaged"


@contextmanager
def recovered_lease(
    lake: str, owner: str, rebuilt_layers: Collection[str] = (), lease: Lease | None = None
) -> Iterator[Lease]:
    """Return the lease of a lake whose damaged tails are moved aside; what is written under it is durable at the end.

    `lease` is another one than that of the lake's folder, for a lake in a catalog.

    Raises LakeLockedError, and TableDamagedError where more than a tail is damaged.
    """
    with lease or Lease(lake, owner) as held:
        recover_tails(lake, rebuilt_layers)
        yield held
        mark_durable(lake)


def recover_tails(lake: str, rebuilt_layers: Collection[str] = ()) -> list[Damage]:
    """Set aside the damaged tails of all tables; what was damaged. The caller holds the lake's lease.

    A table of `rebuilt_layers` whose folder was moved away is about to be built anew, so that is no damage.
    Raises TableDamagedError where more than a tail is damaged, before any file is moved.
    """
    if filesystem.is_remote(lake) or not Path(lake).is_dir():
        return []
    recorded = load_heads(lake)
    moved_away = {
        table
        for table in (recorded.tables if recorded else ())
        if table.split("/")[0] in rebuilt_layers and not Path(lake, table).exists()
    }
    damages = [damage for damage in find_damage(lake) if damage.table not in moved_away]
    for damage in damages:
        if damage.severity is Severity.DURABLE:
            raise damage.error()
    if moved_away:
        forget_heads(lake, moved_away)
    done = move_aside_tails(lake) if damages else []
    mark_durable(lake)
    return done


def move_aside_tails(lake: str) -> list[Damage]:
    """Set aside all damage that is not durable, until none is left; what was damaged."""
    done: list[Damage] = []
    while damages := [each for each in find_damage(lake) if each.severity is not Severity.DURABLE]:
        move_aside(lake, [file for damage in damages for file in damage.files])
        sync_lake(lake)
        done += damages
    return done


def move_aside(lake: str, paths: Iterable[Path]) -> Path:
    """Move files or folders of a lake to `_damaged/<time>/`, in this order and under their own paths; that folder."""
    target = Path(lake, FOLDER, f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    for path in paths:
        if path.exists():
            moved = target / path.relative_to(lake)
            moved.parent.mkdir(parents=True, exist_ok=True)
            path.rename(moved)
    return target
