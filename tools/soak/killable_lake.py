"""A lake that is killed at crash points and goes on in what was on the disk then."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.pipeline.error_log import MARK, PROCESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from shoplake.lake import Lake

LAYERS = ("ops", "gold", "silver", "bronze")
"""In the order in which a copy is taken: what is made of other tables is never newer than those."""


UNDECIDED = ("open", "superseded")
"""The states of quarantined records about which nobody decided."""


class KilledError(BaseException):
    """The process ends at a crash point."""


class KillableLake(ABC):
    """A lake in a folder. A kill moves it to a copy of what was on the disk at that instant."""

    lake: Lake

    def __init__(self, folder: Path) -> None:
        self.folder, self.generation, self.jump = folder, 0, timedelta()

    @property
    def path(self) -> Path:
        """The folder of the lake; another after each kill."""
        return self.folder / f"lake{self.generation}"

    @abstractmethod
    def open(self) -> Lake:
        """Return the lake as the code and settings of now open it."""

    @abstractmethod
    def opener(self) -> Callable[[], Lake]:
        """Return what opens the lake like this in another process: it can be pickled."""

    def create_tables(self) -> None:
        """Create all tables and those of the state store, without rows."""
        self.lake.state.create_if_missing()
        for table in self.lake.catalog.ordered:
            self.lake.engine.create_if_missing(table)

    def kill(self, action: Callable[[], object], is_end: Callable[[list[str]], bool]) -> str | None:
        """Do something until `is_end` of the crash points reached so far; return the last one, None if it never is.

        What is on the disk at that instant becomes the lake; what the process does after it is lost.
        """
        reached, killed = list[str](), list[str]()

        def hook(name: str) -> None:
            reached.append(name)
            if not killed and is_end(reached):
                killed.append(name)
                copy_lake(self.path, self.folder / "left")
                raise KilledError

        set_crash_hook(hook)
        try:
            action()
        except KilledError:
            pass
        finally:
            set_crash_hook(None)
        if not killed:
            return None
        self.resume(self.folder / "left")
        return killed[0]

    def resume(self, left: Path) -> None:
        """Go on in what a killed process left of the lake, as another process that knows nothing of it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.generation += 1
        if left.exists():
            left.rename(self.path)
        if (mark := self.path / MARK).exists():  # the process that is killed goes on here
            mark.write_text(mark.read_text().replace(PROCESS, "killed"))
        self.lake = self.open()

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Let the clock of the process be off by `jump`."""
        jump = self.jump

        class Jumped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + jump

        with ExitStack() as stack:
            if jump:
                stack.enter_context(mock.patch("shoplake.engine.state.state_store.datetime", Jumped))
            yield


@contextmanager
def one_table_at_a_time() -> Iterator[None]:
    """Let runs update tables one after another, so that the order of what happens is the same each time."""
    with mock.patch("shoplake.pipeline.runner.max_parallel", return_value=1):
        yield


def copy_lake(source: Path, target: Path) -> None:
    """Copy a lake as a killed process leaves it: logs before data, so that each file that a log names is there."""
    if not source.exists():
        return
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LAYERS))
    for layer in LAYERS:
        for log in sorted((source / layer).glob("*/_delta_log")):
            shutil.copytree(log, target / log.relative_to(source))
        if (source / layer).exists():
            ignored = shutil.ignore_patterns("_delta_log")
            shutil.copytree(source / layer, target / layer, ignore=ignored, dirs_exist_ok=True)
