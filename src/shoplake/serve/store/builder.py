"""Builds the store: the tables of the last finished run as DuckDB files, and look-ups as documents."""

import fcntl
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from shoplake.declare import Table
from shoplake.engine import CHECKSUMS, scan_version, table_exists, table_version, to_micros, version_schema
from shoplake.errors import ShoplakeError
from shoplake.lake import Lake
from shoplake.pipeline.error_log import read_mark
from shoplake.serve.errors import (
    DamagedStoreError,
    ExportError,
    LakeGoneError,
    StoreDeletedError,
    UnopenedStoreError,
)
from shoplake.serve.export.source import load_version
from shoplake.serve.store.connection import SPILL
from shoplake.serve.store.documents import FILE, DocumentWriter
from shoplake.serve.store.finished_run import FinishedRun, find_finished_run
from shoplake.serve.store.generation import Generation
from shoplake.serve.store.open_generation import OpenGeneration
from shoplake.serve.store.pointer import Pointer, TableFiles, read_pointer, write_pointer
from shoplake.serve.store.quarantine_reasons import reason_rows
from shoplake.serve.store.served_tables import AFTER_RUN, LOOK_UPS, QUARANTINE_REASONS, RECORDED_AT, served_tables
from shoplake.serve.store.table_files import name_files, write_table_files

log = logging.getLogger("shoplake.serve.store")
REASONS = QUARANTINE_REASONS.qualified_name
Prepare = Callable[[Path, Generation], None]
PREPARE_S = 60.0
CANNOT_OPEN = "Cannot open file"
"""What DuckDB says where the system refuses; the content of a file has other messages."""
START, START_AT = b"DUCK", 8
"""What a DuckDB file has behind the checksum that it begins with."""


class NothingToServeError(ShoplakeError):
    """The lake has no finished run."""

    def __init__(self, lake: str) -> None:
        super().__init__(f"The lake {lake} has no finished run. Fill it: shoplake run")
        self.lake = lake


class UnreadableVersionError(ShoplakeError):
    """The files of a version were deleted, as `maintain vacuum` does with old ones."""

    def __init__(self, table: str, version: int) -> None:
        super().__init__(
            f"The files of version {version} of {table} are gone. Write a new version: shoplake run --full-refresh"
        )
        self.table, self.version = table, version


@dataclass(frozen=True)
class BuildResult:
    """What a build wrote: the tables, and how many documents; none where the store was up to date."""

    pointer: Pointer
    tables: tuple[str, ...] = ()
    documents: int = 0


def build_store(lake: Lake, prepare: Prepare | None = None) -> BuildResult:
    """Bring the store to the last finished run. Tables whose version it has already are not written again.

    `prepare` is called with the folder and a new generation, without personal columns, before readers see it.
    Raises NothingToServeError, LakeGoneError, StoreDeletedError, DamagedStoreError, and UnreadableVersionError where
    files of a version were deleted.
    """
    folder = lake.settings.serve.store_folder(lake.settings.lake)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder), _present(lake, folder):
        _delete_of_earlier_versions(folder.parent)
        shutil.rmtree(folder / SPILL, ignore_errors=True)
        run, former = find_finished_run(lake.state), read_pointer(folder)
        if run is None:
            raise NothingToServeError(lake.settings.lake)
        tables = served_tables(lake.catalog.ordered)
        versions = _versions(lake, run, tables, former)
        writers = {name: _writer(lake, run, name) for name in versions}
        files = {name: name_files(tables[name], version, writers[name]) for name, version in versions.items()}
        pointer = Pointer((former.build if former else 0) + 1, run.run_id, run.started_at, versions, files)
        if former is not None and former.id == pointer.id and _is_complete(folder, former):
            return BuildResult(former)
        result = _build(lake, folder, run, tables, pointer, former)
        if prepare is not None:
            prepare(folder, _open(folder, pointer, tables))
        write_pointer(folder, pointer)
        _delete_unused(folder, pointer, former)
        return result


def _delete_of_earlier_versions(folder: Path) -> None:
    """Delete the one store that all lakes of a folder had before each had its own: nothing else would, ever."""
    for file in [each for each in folder.iterdir() if each.is_file()]:
        file.unlink(missing_ok=True)
    shutil.rmtree(folder / SPILL, ignore_errors=True)


def _build(
    lake: Lake, folder: Path, run: FinishedRun, tables: dict[str, Table[...]], pointer: Pointer, former: Pointer | None
) -> BuildResult:
    written = []
    for name, files in pointer.files.items():
        if _exist(folder, files):
            continue
        where = _until(name, run) if name.startswith("ops.") and name not in AFTER_RUN else "TRUE"
        try:
            rows = _rows(lake, tables[name], pointer.versions[name])
            write_table_files(folder, tables[name], files, rows, where)
        except (ExportError, duckdb.InvalidInputException) as error:
            raise UnreadableVersionError(name, pointer.versions[name]) from error
        written.append(name)
        log.info("store: wrote %s", files.file)
    documents = _write_documents(folder, tables, pointer, former)
    return BuildResult(pointer, tuple(written), documents)


def _rows(lake: Lake, table: Table[...], version: int) -> pa.RecordBatchReader:
    if table is QUARANTINE_REASONS:
        return reason_rows(lake.quarantine_examples())
    handle = load_version(lake, table, version)
    schema = version_schema(handle)
    return pa.RecordBatchReader.from_batches(schema, scan_version(handle, schema.names))


def _versions(lake: Lake, run: FinishedRun, tables: dict[str, Table[...]], former: Pointer | None) -> dict[str, int]:
    """Return the versions of the run. Ops tables are append-only: they are read as they are, up to the run.

    What is recorded after a run is as it is now: incidents of a run that failed, decisions about quarantined records.
    """
    versions = {name: run.versions[name] for name in tables if name in run.versions}
    stored = [name for name, table in tables.items() if name.startswith("ops.") and table is not QUARANTINE_REASONS]
    ops = [name for name in stored if table_exists(lake.path(name))]
    if former is None or (former.run_id, former.as_of) != (run.run_id, run.started_at):
        return versions | {name: table_version(lake.path(name)) for name in ops} | {REASONS: lake.quarantine_version}
    versions |= {name: former.versions[name] for name in (*ops, REASONS) if name in former.versions}
    versions |= {name: table_version(lake.path(name)) for name in ops if name in AFTER_RUN}
    is_at_work = read_mark(lake.settings.lake) is not None
    return versions if is_at_work else versions | {REASONS: lake.quarantine_version}


def _writer(lake: Lake, run: FinishedRun, name: str) -> str:
    """Return what tells a version from one of the same number in a lake of other runs."""
    if name != REASONS:
        return run.writers.get(name, run.run_id)
    quarantines = [each.qualified_name for each in lake.catalog.ordered if each.quarantine]
    return repr([run.writers.get(each) for each in quarantines])


def _write_documents(folder: Path, tables: dict[str, Table[...]], pointer: Pointer, former: Pointer | None) -> int:
    is_new = not (folder / FILE).is_file()
    changed, writer = 0, DocumentWriter(folder, pointer.build)
    for name in LOOK_UPS:
        if name not in pointer.files:
            continue
        before = former.files.get(name) if former is not None and not is_new else None
        if before != pointer.files[name]:
            former_file = folder / before.choose(with_personal=True) if before else None
            if former_file is not None and not former_file.is_file():
                former_file = None
            file = folder / pointer.files[name].choose(with_personal=True)
            changed += writer.upsert(tables[name], file, former_file)
        writer.prune(tables[name])
    writer.commit()
    return changed


def _until(name: str, run: FinishedRun) -> str:
    """Return the condition that a row of an ops table was recorded by the run or an earlier one."""
    return f"epoch_us({RECORDED_AT.get(name, 'recorded_at')}) <= {to_micros(run.started_at)}"


def _open(folder: Path, pointer: Pointer, tables: dict[str, Table[...]]) -> Generation:
    try:
        return OpenGeneration(folder, pointer, tables, with_personal=False, timeout_s=PREPARE_S)
    except duckdb.IOException as error:
        if CANNOT_OPEN in str(error):
            raise UnopenedStoreError(error) from error
        raise DamagedStoreError(folder, error) from error


def _exist(folder: Path, files: TableFiles) -> bool:
    """Whether the files of a table are there; one that does not begin as a database does is written again."""
    return all(_is_database(folder / name) for name in (files.file, files.personal_file) if name)


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as content:
            return content.read(len(START) + START_AT)[START_AT:] == START
    except OSError:
        return False


def _is_complete(folder: Path, pointer: Pointer) -> bool:
    return (folder / FILE).is_file() and all(_exist(folder, files) for files in pointer.files.values())


def _delete_unused(folder: Path, pointer: Pointer, former: Pointer | None) -> None:
    """Delete the files of generations before the former one; open files stay readable to who has them open."""
    used = pointer.file_names | (former.file_names if former else set())
    for file in folder.glob("*.duckdb"):
        if file.name not in used:
            file.unlink()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process build at a time; another one waits.

    Raises StoreDeletedError in place of whatever fails because the folder, and with it the lock, is deleted.
    """
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        except LakeGoneError:
            raise
        except Exception as error:
            if os.fstat(file.fileno()).st_nlink == 0:
                raise StoreDeletedError(folder) from error
            raise


@contextmanager
def _present(lake: Lake, folder: Path) -> Iterator[None]:
    """Raise LakeGoneError in place of whatever fails because a lake is there no longer; that of a store once was."""
    was_there = table_exists(lake.state.path(CHECKSUMS)) or read_pointer(folder) is not None
    try:
        yield
    except Exception as error:
        if was_there and not table_exists(lake.state.path(CHECKSUMS)):
            raise LakeGoneError(lake.settings.lake) from error
        raise
