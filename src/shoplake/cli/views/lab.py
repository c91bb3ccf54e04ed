"""Views of the lab: the lessons with the progress, a lesson that starts, a checked answer, an export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import command_line, print_next_steps, text_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from shoplake.cli.lab.lesson import Lesson
    from shoplake.cli.lab.play import CheckResult


@dataclass(frozen=True)
class LessonListView:
    """All lessons, with what was done of each."""

    lessons: Sequence[Lesson]
    progress: Mapping[str, Mapping[str, Any]]

    def render(self, console: Console) -> None:
        """Print a line for each lesson."""
        table = text_table("lesson", "question", "minutes", "engines", "progress", numbers=("minutes",))
        for each in self.lessons:
            table.add_row(each.number, each.title, str(each.minutes), ", ".join(each.engines), self._state(each))
        console.print(table)
        passed = sum(self._state(each) == "passed" for each in self.lessons)
        console.print(f"\n{passed} of {len(self.lessons)} passed.")
        following = next((each for each in self.lessons if self._state(each) != "passed"), None)
        if following:
            print_next_steps(console, command_line("lab", "start", following.number))

    def to_json(self) -> list[dict[str, Any]]:
        """Return an object for each lesson."""
        return [
            {
                "lesson": each.number,
                "question": each.title,
                "minutes": each.minutes,
                "engines": list(each.engines),
                "objectives": list(each.objectives),
                "state": self._state(each),
                **self.progress.get(each.number, {}),
            }
            for each in self.lessons
        ]

    def _state(self, lesson: Lesson) -> str:
        done = self.progress.get(lesson.number, {})
        return "passed" if "passed_at" in done else "started" if done else "-"


@dataclass(frozen=True)
class LessonStartView:
    """The copy of a lesson in the work folder."""

    lesson: Lesson
    file: Path
    is_new: bool

    def render(self, console: Console) -> None:
        """Print where the copy is and what to do with it."""
        console.print(f"{self.lesson.number} {self.lesson.title}")
        verb = "Wrote" if self.is_new else "Kept your copy"
        console.print(f"{verb} {self.file}.", soft_wrap=True)
        print_next_steps(
            console,
            f"# Open {self.file.name} in an editor or in Jupyter, and answer the exercise.",
            command_line("lab", "check", self.lesson.number),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the lesson and the file."""
        return {"lesson": self.lesson.number, "file": str(self.file), "is_new": self.is_new}


@dataclass(frozen=True)
class LessonCheckView:
    """The result of a check."""

    lesson: Lesson
    file: Path
    result: CheckResult

    def render(self, console: Console) -> None:
        """Print whether the answer is right, or the hint."""
        if self.result.has_passed:
            return console.print(f"Lesson {self.lesson.number}: right.")
        console.print(f"Lesson {self.lesson.number}: not yet. {self.result.hint}", soft_wrap=True)
        check_line = command_line("lab", "check", self.lesson.number)
        return print_next_steps(console, f"# Correct {self.file.name}.", check_line)

    def to_json(self) -> dict[str, Any]:
        """Return whether the answer is right, and the hint."""
        return {"lesson": self.lesson.number, "has_passed": self.result.has_passed, "hint": self.result.hint}


@dataclass(frozen=True)
class SolutionView:
    """The solution of a lesson and its two mistakes."""

    lesson: Lesson

    def render(self, console: Console) -> None:
        """Print the code."""
        for tag in ("solution", "mistake"):
            for cell in self.lesson.tagged(tag):
                console.print(f"# {tag}\n{cell.source}\n", soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the code by its part."""
        sources = {tag: [cell.source for cell in self.lesson.tagged(tag)] for tag in ("solution", "mistake")}
        return {"lesson": self.lesson.number, **sources}


@dataclass(frozen=True)
class LabExportView:
    """The notebooks that an export wrote."""

    folder: Path
    format: str
    files: Sequence[Path]

    def render(self, console: Console) -> None:
        """Print how many files there are, and what to do with them."""
        console.print(f"Wrote {len(self.files)} files to {self.folder}.", soft_wrap=True)
        is_databricks = self.format == "databricks"
        step = "Import the folder into a Databricks workspace." if is_databricks else "Open the folder in Jupyter."
        print_next_steps(console, f"# {step} Begin with environment_setup.")

    def to_json(self) -> dict[str, Any]:
        """Return the folder, the format and the files."""
        return {"folder": str(self.folder), "format": self.format, "files": [file.name for file in self.files]}
