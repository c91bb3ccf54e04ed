"""A lesson: its title and facts, its cells, and where the lessons are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.cli.lab.cells import Cell, read_cells
from shoplake.errors import ShoplakeError, hint

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERED = re.compile(r"^\d\d_\w+\.py$")
FACT = re.compile(r"^- \*\*(?P<name>[\w ]+):\*\* (?P<value>.*)$", re.MULTILINE)
TITLE = re.compile(r"^# (?P<title>.*)$", re.MULTILINE)
HIDDEN = frozenset({"solution", "mistake"})
"""Tags of the cells that a learner's copy does not have."""
SUPPORT = "support.py"
CLONE = "git clone https://github.com/shoplake/shoplake && cd shoplake && uv run shoplake lab"


class LabNotFoundError(ShoplakeError):
    """The lessons are not on this machine: the package does not hold them."""

    def __init__(self) -> None:
        super().__init__(f"The lessons are in shoplake's repository, not in its package. Type: {CLONE}")


class UnknownLessonError(ShoplakeError):
    """No lesson has this number or name."""

    def __init__(self, given: str, known: Sequence[str]) -> None:
        super().__init__(f"Unknown lesson '{given}'. {hint(given, known)}")
        self.given, self.known = given, tuple(known)


@dataclass(frozen=True)
class Lesson:
    """A lesson and its file."""

    file: Path

    @property
    def name(self) -> str:
        """The file's name without its suffix, such as `05_what_did_they_look_at`."""
        return self.file.stem

    @property
    def number(self) -> str:
        """The two digits at the start of the name."""
        return self.name[:2]

    @cached_property
    def cells(self) -> list[Cell]:
        """All cells, solution and mistakes included."""
        return read_cells(self.file)

    @property
    def learner_cells(self) -> list[Cell]:
        """The cells of a learner's copy: without solution and mistakes."""
        return [cell for cell in self.cells if not HIDDEN.intersection(cell.tags)]

    @cached_property
    def facts(self) -> dict[str, str]:
        """The lines at the top: engines, minutes, exam objectives, what one learns."""
        return {match["name"]: match["value"] for match in FACT.finditer(self.cells[0].source)}

    @property
    def title(self) -> str:
        """The question that the lesson answers, without the number."""
        match = TITLE.search(self.cells[0].source)
        return match["title"].removeprefix(self.number).strip() if match else self.name

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that the lesson runs on, the default first."""
        return _listed(self.facts.get("Engines", "sail"))

    @property
    def minutes(self) -> int:
        """The minutes that it takes to read and to answer."""
        return int(self.facts["Minutes"])

    @property
    def objectives(self) -> tuple[str, ...]:
        """The exam objectives that it prepares for, such as `3.1`; empty where there are none."""
        return tuple(each for each in _listed(self.facts.get("Exam objectives", "")) if each[:1].isdigit())

    def tagged(self, tag: str) -> list[Cell]:
        """Return the cells with a tag, in order."""
        return [cell for cell in self.cells if tag in cell.tags]


def find_lab(*starts: Path) -> Path:
    """Return the folder of the lessons, in one of the folders above `starts`. Raises LabNotFoundError.

    Without `starts` it is that of the checkout that shoplake runs from, or that the current folder is in.
    """
    for start in starts or (Path(__file__).resolve(), Path.cwd() / "any"):
        for above in start.parents:
            if (above / "lab" / SUPPORT).is_file():
                return above / "lab"
    raise LabNotFoundError


def list_lessons(lab: Path) -> list[Lesson]:
    """Return the lessons of a folder, by number."""
    return [Lesson(file) for file in sorted(lab.glob("*.py")) if NUMBERED.match(file.name)]


def find_lesson(lab: Path, given: str) -> Lesson:
    """Return the lesson with this number or name. Raises UnknownLessonError with the nearest."""
    lessons = list_lessons(lab)
    wanted = given.zfill(2) if given.isdigit() else Path(given).stem
    for lesson in lessons:
        if wanted in (lesson.number, lesson.name):
            return lesson
    raise UnknownLessonError(given, [lesson.name for lesson in lessons])


def _listed(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())
