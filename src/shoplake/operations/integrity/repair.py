"""Mend the tables of a lake that `verify` names: set the damage aside, then restore or rebuild what was lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine import (
    FILES,
    FOLDER,
    OPS,
    TABLE_RUNS,
    Lease,
    WriteResult,
    begin_repair,
    end_repair,
    is_remote,
    load_heads,
    mark_durable,
    move_aside,
    move_aside_tails,
)
from shoplake.errors import MAX_LISTED_NAMES, UnsupportedFeatureError
from shoplake.listed_names import list_some
from shoplake.operations.integrity.bronze_restore import BronzeRestore
from shoplake.operations.integrity.state_rebuild import files_in_bronze, rebuild_state_table
from shoplake.operations.integrity.verify import file_problems, find_problems
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.run_recorder import recorded
from shoplake.pipeline.runner import PipelineRun
from shoplake.quality.gates import UNSTOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine, Problem, StateStore
    from shoplake.settings import Settings


@dataclass(frozen=True)
class RepairAction:
    """What a repair did to one table: moved aside, restored (bronze and ops), rebuilt, incomplete or not repaired."""

    table: str
    action: str
    detail: str

    @property
    def is_success(self) -> bool:
        """Whether nothing is lost."""
        return self.action not in ("incomplete", "not repaired")


def repair(
    engine: PipelineEngine,
    catalog: Catalog,
    state: StateStore,
    settings: Settings,
    known: Iterable[Table[...]],
    allow_pending: Callable[[], None] = lambda: None,
) -> list[RepairAction]:
    """Mend every table of a lake; what was done, nothing where nothing was wrong. Holds the lake's lease.

    `allow_pending` is called before the first row of silver or gold is written: it is one of the current definitions.
    Raises UnsupportedFeatureError for a lake in an object store or a catalog.
    """
    if is_remote(settings.lake) or settings.catalog is not None:
        raise UnsupportedFeatureError(
            f"A repair works on folders of this machine, not on {settings.catalog or settings.lake}. "
            "Rebuild silver and gold from bronze: shoplake run --full-refresh"
        )
    with Lease(settings.lake, "shoplake repair"):
        return Repair(engine, catalog, state, settings, known, allow_pending).execute()


class Repair:
    """One repair of a lake on this machine, under its lease. What it has begun, the next repair finishes."""

    def __init__(
        self,
        engine: PipelineEngine,
        catalog: Catalog,
        state: StateStore,
        settings: Settings,
        known: Iterable[Table[...]],
        allow_pending: Callable[[], None],
    ) -> None:
        self._engine, self._catalog, self._state, self._settings = engine, catalog, state, settings
        self._known = {table.path: table for table in known}
        self._lake = engine.lake
        self._bronze = BronzeRestore(engine, state, settings.feeds)
        self._actions: list[RepairAction] = []
        self._allow_pending: Callable[[], None] | None = allow_pending

    def execute(self) -> list[RepairAction]:
        """Mend every table; what was done, nothing where nothing was wrong."""
        for damage in move_aside_tails(self._lake):
            self._note(damage.name, "moved aside", f"{damage.problem} ({damage.file})")
        recorded = load_heads(self._lake)
        self._unfinished = recorded.under_repair if recorded else frozenset()
        problems = list(file_problems(self._engine, self._state, self._known.values()))
        names = {each.table.replace(".", "/") for each in problems}
        if names:
            begin_repair(self._lake, names)
            self._mend_files(names, problems)
            mark_durable(self._lake)
            end_repair(self._lake)
        self._mend_counts()
        for problem in self._problems():
            self._note(problem.table, "not repaired", problem.problem)
        return self._actions

    def _mend_files(self, names: set[str], problems: list[Problem]) -> None:
        """Mend tables whose log or data files are damaged: ops first, as bronze is restored by it, then upwards."""
        bronze = [table for table in self._catalog.ordered if table.layer == "bronze" and table.path in names]
        batches = {table.path: self._damaged_batches(table, problems) for table in bronze}
        moved = {path for path in names if batches.get(path) is None}
        aside = move_aside(self._lake, [Path(self._lake, path) for path in sorted(moved)])
        for path in sorted(moved):
            if (aside / path).exists():
                self._note(path.replace("/", "."), "moved aside", str(aside / path))
        for table in self._catalog.ordered:
            self._engine.create_if_missing(table)
        self._state.create_if_missing()
        self._rebuild_state(names, aside, bronze)
        for table in bronze:
            self._restore(table, self._folders(table, aside), batches[table.path])
        if FILES.path in names:
            self._run(RunSelection())  # ingests the files that neither ops.files nor bronze remembers
        self._rebuild(
            [table for table in self._catalog.ordered if table.layer != "bronze" and self._is_in(table, names)]
        )

    def _rebuild_state(self, names: set[str], aside: Path, damaged_bronze: list[Table[...]]) -> None:
        sound = [table for table in self._catalog.ordered if table.layer == "bronze" and table not in damaged_bronze]
        for table in (each for each in OPS if each.path in names):
            at = self._state.next_run_time()
            files = files_in_bronze(self._engine, sound, self._settings.feeds, at) if table is FILES else ()
            count = rebuild_state_table(self._state, table, self._folders(table, aside), files)
            self._note(table.qualified_name, "restored", f"{count:,} rows")
        if TABLE_RUNS.path in names:
            self._record([table for table in self._catalog.ordered if table.path not in names])

    def _restore(self, table: Table[...], folders: list[Path], batches: set[str] | None) -> None:
        """Write batches of a bronze table again, or all of them."""
        gone = self._bronze.restore(table, folders, batches)
        self._record([table])
        what = "all batches" if batches is None else f"batches {', '.join(sorted(batches))}"
        self._note(table.qualified_name, "restored", f"{what} from the landing files")
        if gone:
            self._note(table.qualified_name, "incomplete", f"no longer in the landing folder: {', '.join(gone)}")

    def _rebuild(self, tables: list[Table[...]]) -> None:
        """Rebuild tables and all that are built from them."""
        done: set[str] = set()
        for table in (each for each in tables if each.name not in done):
            selection = RunSelection(full_refresh=True, select=f"{table.name}+")
            self._run(selection)
            names = [each.name for each in selection.tables(self._catalog)]
            done |= set(names)
            below = f", with {list_some(names[1:], MAX_LISTED_NAMES)}" if names[1:] else ""
            self._note(table.qualified_name, "rebuilt", f"from the tables that it reads{below}")

    def _run(self, selection: RunSelection) -> None:
        if self._allow_pending is not None:
            self._allow_pending()
            self._allow_pending = None
        arguments = (self._engine, self._catalog, self._state, self._settings, None, selection)
        PipelineRun(*arguments, acceptance=UNSTOPPED).execute()

    def _mend_counts(self) -> None:
        """Mend tables whose files are whole but whose rows are not those that the state store counts."""
        names = {each.table.replace(".", "/") for each in self._problems()}
        tables = [table for table in self._catalog.ordered if self._is_in(table, names)]
        for table in (each for each in tables if each.layer == "bronze"):
            self._restore(table, [Path(self._engine.path(table))], None)
        self._rebuild([each for each in tables if each.layer != "bronze"])

    def _damaged_batches(self, table: Table[...], problems: list[Problem]) -> set[str] | None:
        """Return the batches of a bronze table with a damaged data file; None where all must be restored."""
        files = [each.file for each in problems if each.table == table.qualified_name]
        root = f"{self._engine.path(table)}/"
        parts = [file.removeprefix(root).split("/")[0] for file in files if file is not None]
        is_whole_log = len(parts) == len(files) and all(part.startswith("batch_id=") for part in parts)
        if table.path in self._unfinished or not is_whole_log:
            return None
        return {part.removeprefix("batch_id=") for part in parts}

    def _folders(self, table: Table[...], aside: Path) -> list[Path]:
        """Where data files of a table lie: its folder, the one just moved aside, those of a repair that was cut off."""
        earlier = sorted(Path(self._lake, FOLDER).glob(f"*/{table.path}")) if table.path in self._unfinished else []
        return list(dict.fromkeys([Path(self._engine.path(table)), aside / table.path, *earlier]))

    def _record(self, tables: list[Table[...]]) -> None:
        """Record the rows that tables have now."""
        with recorded(self._engine, self._state) as recorder:
            for table in tables:
                with recorder.measure(table) as timer:
                    timer.result = WriteResult(0, 0)

    def _problems(self) -> list[Problem]:
        return list(find_problems(self._engine, self._catalog, self._state, self._known.values()))

    def _is_in(self, table: Table[...], names: set[str]) -> bool:
        return any(each.path in names for each in (table, *table.companion_tables))

    def _note(self, table: str, action: str, detail: str) -> None:
        self._actions.append(RepairAction(table, action, detail))
