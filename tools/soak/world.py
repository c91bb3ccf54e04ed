"""A lake under simulation: its folder, its landing folder, its model, and the faults that befall it."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable

from shoplake.declare import Feed
from shoplake.lake import Lake
from shoplake.project import Project
from shoplake.settings import Settings
from tools.soak.killable_lake import UNDECIDED, KillableLake
from tools.soak.model import COLUMNS, Model, Record
from tools.soak.tables import STRICT, catalog_of, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLONE = "clone"
"""The folder of a clone, beside the lake."""


class DifferenceError(AssertionError):
    """The lake is not what the model says."""


@dataclass(frozen=True)
class Moment:
    """A moment at which nothing was at work, and the model of then."""

    at: datetime
    model: Model


class World(KillableLake):
    """One lake of some families of tables."""

    def __init__(
        self, folder: Path, families: tuple[str, ...], template: Path | None = None, engine: str = "sail"
    ) -> None:
        super().__init__(folder)
        self.families, self.engine = families, engine
        self.landing = folder / "landing"
        self.landing.mkdir(parents=True, exist_ok=True)
        self.files, self.model, self.limit = 0, Model(), STRICT
        self.moments: list[Moment] = []
        self.is_vacuumed = self.is_disturbed = False
        if template is not None:
            shutil.copytree(template, self.path)
        self.lake = self.open()

    @property
    def beside(self) -> Path:
        """The folder of what commands write beside the lake."""
        folder = self.folder / "beside"
        folder.mkdir(exist_ok=True)
        return folder

    def fork(self, folder: Path) -> World:
        """Return a copy of this world in another folder: lake, landing folder, model and code."""
        shutil.copytree(self.landing, folder / "landing")
        shutil.copytree(self.path, folder / "lake0")
        fork = World(folder, self.families, engine=self.engine)
        fork.files, fork.limit, fork.moments = self.files, self.limit, [*self.moments]
        fork.model = self.model.copy()
        fork.lake = fork.open()
        return fork

    def open(self, folder: Path | None = None, engine: str = "") -> Lake:
        """Return the lake as code with the rule of now opens it; or another one, of a folder; or on another engine."""
        project, engine = Project(), engine or self.engine
        project.__dict__["catalog"] = catalog_of(self.families, self.limit)
        feed = Feed("shop", kind_of(self.families), str(self.landing))
        remote = "local" if engine == "spark" else None
        return Lake(Settings(str(folder or self.path), (feed,), engine, remote), project=project)

    def opener(self) -> Callable[[], Lake]:
        """Return what opens the lake, with its families and limit, in another process."""
        return partial(_open_world, self.folder, self.families, self.generation, self.limit)

    def drop(self, family: str, texts: list[str]) -> None:
        """Let a file of records land; it is old enough for a watching process."""
        self.files += 1
        name = f"{family}/{self.files:04}.json"
        file = self.landing / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"{text}\n" for text in texts))
        os.utime(file, (time.time() - 60,) * 2)
        self.model.waiting += [Record(family, text, name, line) for line, text in enumerate(texts, 1)]

    def remember(self) -> None:
        """Remember this moment for a later restore."""
        time.sleep(0.002)  # commits have milliseconds
        self.moments.append(Moment(datetime.now(UTC), self.model.copy()))
        time.sleep(0.002)

    def forget_after(self, at: datetime) -> None:
        """Forget the moments after one: a restore to it is the end of their timeline."""
        self.moments = [moment for moment in self.moments if moment.at <= at]

    def tables(self, folder: Path | None = None) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the model has of the tables, as they lie in the folder of the lake, or in another one."""
        found = {}
        for name in self.model.tables(self.families):
            rows = DeltaTable(str((folder or self.path) / name)).to_pyarrow_table(
                columns=list(COLUMNS.get(name, ("raw",)))
            )
            found[name] = sorted((tuple(row.values()) for row in rows.to_pylist()), key=repr)
        return found

    def check(self) -> None:
        """Raise DifferenceError where a table is not what the model says, or another count of records is open."""
        expected, found = self.model.tables(self.families), self.tables()
        for name, rows in expected.items():
            if found[name] != rows:
                missing, added = _apart(rows, found[name])
                raise DifferenceError(f"{name}: missing {missing[:3]}, added {added[:3]}")

    def check_quarantine(self) -> None:
        """Raise DifferenceError where other records are in quarantine than the model says."""
        for family in self.families:
            found = sorted({record["raw"] for record in self.undecided(family)})
            expected = sorted({record.raw for record in self.model.invalid(family)})
            if found != expected:
                raise DifferenceError(f"silver.{family}_quarantine: {_apart(expected, found)}")

    def check_whole(self) -> None:
        """Raise DifferenceError where `verify`, on Sail, finds a problem, and where a clone is not as whole."""
        clone = self.beside / CLONE
        for folder in (self.path, *([clone] if clone.exists() else [])):
            if problems := self.open(folder, "sail").verify():
                raise DifferenceError(f"verify: {[str(each) for each in problems[:3]]}")
        if clone.exists() and self.tables(clone) != self.tables():
            raise DifferenceError("the clone has other rows")

    def undecided(self, family: str) -> list[dict[str, Any]]:
        """Return the quarantined records of a family about which nobody decided."""
        from shoplake.operations.quarantine.records import RecordFilter

        records = self.lake.select_quarantined(f"silver.{family}", RecordFilter(state=None))
        return [record for record in records if record["state"] in UNDECIDED]

    def record_of(self, found: dict[str, Any]) -> Record:
        """Return the model's record of a quarantined one."""
        return next(
            each
            for each in self.model.ingested
            if (each.file, each.line, each.raw) == (found["file"], found["line"], found["raw"])
        )


def _open_world(folder: Path, families: tuple[str, ...], generation: int, limit: int) -> Lake:
    world = World(folder, families)
    world.generation, world.limit = generation, limit
    return world.open()


def _apart(expected: list[Any], found: list[Any]) -> tuple[list[Any], list[Any]]:
    """Return what is missing and what was added."""
    missing, added = [*expected], []
    for row in found:
        if row in missing:
            missing.remove(row)
        else:
            added.append(row)
    return missing, added
