"""Errors of models: trainings that cannot be, versions and files that are not there or not right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Collection


class TrainingError(ShoplakeError):
    """A model cannot be trained or scored with the data that is there."""


class UnknownModelError(ShoplakeError):
    """A model has no such version, or the file of a version is gone."""

    def __init__(self, name: str, version: int, known: Collection[int], missing_file: str | None = None) -> None:
        versions = f"Its versions: {', '.join(map(str, sorted(known)))}." if known else "It has none."
        problem = f"has no version {version}. {versions}"
        if missing_file is not None:
            problem = f"{version} has lost its file {missing_file}."
        super().__init__(f"The model '{name}' {problem} Train one: shoplake train {name}")
        self.name, self.version = name, version


class ModelFileError(ShoplakeError):
    """The file of a model cannot be used; `problem` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"The model file is refused: {problem}. Train a new model: shoplake train churn")
        self.problem = problem


class ModelMirrorError(ShoplakeError):
    """MLflow at `place` refuses the models or cannot be reached."""

    def __init__(self, place: str, problem: str) -> None:
        reason = " ".join(problem.split())[:300]
        super().__init__(
            f"Models cannot be mirrored to '{place}': {reason} The lake has them all; mirror them again: "
            "shoplake models mirror"
        )
        self.place = place
