"""Commands of the lab: lab, lab start, check, solution, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from shoplake.cli.group import ShoplakeGroup
from shoplake.cli.options import FOLDER, json_option

if TYPE_CHECKING:
    from shoplake.cli.lab.work_folder import WorkFolder

folder_option = click.option(
    "--folder", type=FOLDER, help="Folder of the learner's files and of the shop's data.  [default: lab/work]"
)


@click.group(cls=ShoplakeGroup, invoke_without_command=True, epilog="Example: shoplake lab start 05")
@folder_option
@json_option
@click.pass_context
def lab(ctx: click.Context, folder: Path | None, as_json: bool) -> None:
    """List the lessons of the lab and your progress."""
    if ctx.invoked_subcommand is not None:
        return
    from shoplake.cli.lab.lesson import list_lessons
    from shoplake.cli.output import emit
    from shoplake.cli.views.lab import LessonListView

    work = open_work_folder(folder)
    emit(LessonListView(list_lessons(work.lab), work.progress()), as_json)


@lab.command(epilog="Example: shoplake lab start 05 --format ipynb")
@click.argument("lesson")
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["py", "ipynb"]),
    default="py",
    show_default=True,
    help="A Python file with cells, or a Jupyter notebook.",
)
@click.option("--edit", is_flag=True, help="Open the copy in your editor ($VISUAL or $EDITOR).")
@folder_option
@json_option
def start(lesson: str, suffix: str, edit: bool, folder: Path | None, as_json: bool) -> None:
    """Copy a lesson beside the data of a simulated shop.

    LESSON is its number. A copy that exists is kept.
    """
    from shoplake.cli.lab.lesson import find_lesson
    from shoplake.cli.output import emit
    from shoplake.cli.views.lab import LessonStartView

    work = open_work_folder(folder)
    found = find_lesson(work.lab, lesson)
    file, is_new = work.start(found, suffix)
    emit(LessonStartView(found, file, is_new), as_json)
    if edit:
        click.edit(filename=str(file))


@lab.command(epilog="Example: shoplake lab check 05")
@click.argument("lesson")
@folder_option
@json_option
@click.pass_context
def check(ctx: click.Context, lesson: str, folder: Path | None, as_json: bool) -> None:
    """Check your answer to a lesson; exit 1 if it is wrong."""
    from shoplake.cli.lab.lesson import find_lesson
    from shoplake.cli.lab.play import check_lesson
    from shoplake.cli.lab.work_folder import LessonNotStartedError
    from shoplake.cli.output import emit
    from shoplake.cli.views.lab import LessonCheckView

    work = open_work_folder(folder)
    found = find_lesson(work.lab, lesson)
    file = work.copy_of(found)
    if file is None:
        raise LessonNotStartedError(found, work.path)
    result = check_lesson(work, found, file)
    emit(LessonCheckView(found, file, result), as_json)
    ctx.exit(0 if result.has_passed else 1)


@lab.command(epilog="Example: shoplake lab solution 05")
@click.argument("lesson")
@json_option
def solution(lesson: str, as_json: bool) -> None:
    """Print the solution of a lesson, and two mistakes that its check knows."""
    from shoplake.cli.lab.lesson import find_lab, find_lesson
    from shoplake.cli.output import emit
    from shoplake.cli.views.lab import SolutionView

    emit(SolutionView(find_lesson(find_lab(), lesson)), as_json)


@lab.command(epilog="Example: shoplake lab export --to notebooks --format databricks")
@click.option("--to", "folder", type=FOLDER, required=True, help="Folder to write into.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["ipynb", "databricks"]),
    default="ipynb",
    show_default=True,
    help="Jupyter notebooks, or Databricks notebooks in source format.",
)
@json_option
def export(folder: Path, format_: str, as_json: bool) -> None:
    """Write all lessons as notebooks."""
    from shoplake.cli.lab.export import export_lab
    from shoplake.cli.lab.lesson import find_lab
    from shoplake.cli.output import emit
    from shoplake.cli.views.lab import LabExportView

    emit(LabExportView(folder, format_, export_lab(find_lab(), folder, format_)), as_json)


def open_work_folder(folder: Path | None) -> WorkFolder:
    """Return the work folder, `lab/work` unless another one is named. Raises LabNotFoundError."""
    import os

    from shoplake.cli.lab.lesson import find_lab
    from shoplake.cli.lab.work_folder import FOLDER_VARIABLE, WorkFolder

    found = find_lab()
    named = os.environ.get(FOLDER_VARIABLE)
    return WorkFolder((folder or (Path(named) if named else found / "work")).absolute(), found)
