"""The work folder of a learner: the simulated shop, copies of lessons, and the progress."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.cli.lab.cells import to_notebook, to_percent
from shoplake.cli.lab.lesson import SUPPORT, Lesson
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRESS = "progress.json"
FOLDER_VARIABLE = "SHOPLAKE_LAB_FOLDER"
WRITERS = {"py": to_percent, "ipynb": to_notebook}
"""The formats of a copy, by suffix."""


class LessonNotStartedError(ShoplakeError):
    """The work folder has no copy of this lesson."""

    def __init__(self, lesson: Lesson, folder: Path) -> None:
        super().__init__(f"Lesson {lesson.number} is not in {folder} yet. Start it: shoplake lab start {lesson.number}")


class ProgressError(ShoplakeError):
    """The file of the progress cannot be read."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is not JSON. Correct it, or delete it to begin again.")


@dataclass(frozen=True)
class WorkFolder:
    """The folder in which a learner works."""

    path: Path
    lab: Path

    def progress(self) -> dict[str, dict[str, Any]]:
        """Return what was done, by the lesson's number: started_at, attempts and passed_at (UTC, ISO 8601).

        Raises ProgressError.
        """
        file = self.path / PROGRESS
        try:
            found: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.is_file() else {}
        except ValueError as error:
            raise ProgressError(file) from error
        return found

    def copy_of(self, lesson: Lesson) -> Path | None:
        """Return the learner's copy of a lesson, the latest where there are two formats; None before it is started."""
        files = [self.path / f"{lesson.name}.{suffix}" for suffix in WRITERS]
        return max((file for file in files if file.is_file()), key=lambda file: file.stat().st_mtime, default=None)

    def start(self, lesson: Lesson, suffix: str) -> tuple[Path, bool]:
        """Copy a lesson beside the data; return the copy, and whether it is new. A copy that exists is kept."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._record(lesson, started_at=_now())
        shutil.copyfile(self.lab / SUPPORT, self.path / SUPPORT)
        self.make_shop()
        file = self.path / f"{lesson.name}.{suffix}"
        if is_new := not file.exists():
            file.write_text(WRITERS[suffix](lesson.learner_cells), encoding="utf-8")
        return file, is_new

    def make_shop(self) -> None:
        """Simulate the shop where its files are missing."""
        with self.support():
            from support import open_shop  # type: ignore[import-not-found]

            open_shop()

    def record_attempt(self, lesson: Lesson, *, has_passed: bool) -> None:
        """Count an attempt at a lesson, and remember when it was passed first."""
        attempts = self.progress().get(lesson.number, {}).get("attempts", 0) + 1
        self._record(lesson, attempts=attempts, overwrites=True)
        if has_passed:
            self._record(lesson, passed_at=_now())

    @contextmanager
    def support(self) -> Iterator[None]:
        """Let lessons import `support`, which finds this folder."""
        before = os.environ.get(FOLDER_VARIABLE)
        os.environ[FOLDER_VARIABLE] = str(self.path)
        sys.path.insert(0, str(self.lab))
        try:
            yield
        finally:
            sys.path.remove(str(self.lab))
            os.environ.pop(FOLDER_VARIABLE)
            if before is not None:
                os.environ[FOLDER_VARIABLE] = before

    def _record(self, lesson: Lesson, *, overwrites: bool = False, **values: Any) -> None:
        progress = self.progress()
        known = progress.get(lesson.number, {})
        progress[lesson.number] = known | values if overwrites else values | known
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / PROGRESS).write_text(json.dumps(dict(sorted(progress.items())), indent=2) + "\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
