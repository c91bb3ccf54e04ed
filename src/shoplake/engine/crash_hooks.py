"""Named places in the code at which tests end the process. Without a hook they do nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACTIONS = (
    "acquire_lease",
    "append",
    "append_results",
    "append_rows",
    "clone_table",
    "commit",
    "commit_offsets",
    "commit_table",
    "commit_files",
    "compact",
    "create_table",
    "delete_batches",
    "expire_rows",
    "export_table",
    "finish_table",
    "ingest_batch",
    "inspect_file",
    "maintain_table",
    "mark_messages",
    "materialize",
    "merge",
    "overwrite",
    "publish_clone",
    "publish_export",
    "publish_metrics",
    "record_incidents",
    "record_messages",
    "record_state",
    "remove_staging",
    "replace_documents",
    "restore_state",
    "restore_table",
    "scd2_append_changes",
    "scd2_overwrite_versions",
    "scd2_rebuild_keys",
    "send_messages",
    "upsert",
    "write_checksums",
)
CRASH_POINTS = tuple(f"{moment}_{action}" for action in ACTIONS for moment in ("before", "after"))
"""All names, such as `before_append` and `after_append`."""

_hooks: list[Callable[[str], None]] = []


def set_crash_hook(hook: Callable[[str], None] | None) -> None:
    """Call `hook` with the name of each crash point that is reached; None removes it. For tests."""
    _hooks[:] = [] if hook is None else [hook]


def crash_point(name: str) -> None:
    """Mark a place at which a test may end the process. `name` is one of CRASH_POINTS."""
    for hook in _hooks:
        hook(name)


@contextmanager
def crash_points(action: str) -> Iterator[None]:
    """Mark the places before and after an action; also a decorator of a function."""
    crash_point(f"before_{action}")
    yield
    crash_point(f"after_{action}")
