"""Fix, replay and discard that are killed at their crash points and repeated."""

import json
import shutil
from contextlib import contextmanager, suppress

import pytest
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare.catalog import Catalog
from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
from shoplake.operations.quarantine.records import RecordFilter, select_records

from .test_life_cycle import BAD, GOOD, cycle, looser, records


class KilledError(Exception):
    """The process ends here."""


@contextmanager
def killed_at(number):
    """End what runs inside at the crash point of that number; yields the names of those that were reached."""
    reached = []

    def hook(name):
        reached.append(name)
        if len(reached) == number:
            raise KilledError

    set_crash_hook(hook)
    try:
        yield reached
    finally:
        set_crash_hook(None)


COMMANDS = {
    "fix": lambda sample: fixed_by_file(sample),
    "replay": lambda sample: cycle(sample, looser(-1)).replay(looser(-1)["marks"]),
    "discard": lambda sample: cycle(sample).discard(marks, RecordFilter("n_fits_type"), "test shop"),
    "discarded document": lambda sample: cycle(sample).discard(receipts, RecordFilter(), "test order"),
}


def fixed_by_file(sample):
    """The same corrections as before, whatever became of the records."""
    found = records(sample, state=None)
    fix = FixFile.of({found["c"]["record_id"]: json.dumps(mark("c", n=7))})
    cycle(sample).fix(fix, {marks: list(fix.corrections)}, "ticket 41")


def contents(sample):
    tables = [table for table in sample.catalog.ordered if table.layer != "bronze"]
    selected = [select_records(sample.engine, table, RecordFilter(state=None)) for table in tables]
    states = [sorted((row["record_id"], row["state"]) for row in rows) for rows in selected]
    return [sample.rows(table, *[c.name for c in table.columns if c.name != "batch_id"]) for table in tables], states


@pytest.fixture(scope="module")
def bases(spark, tmp_path_factory):
    """The folders of a lake for each command, before it."""
    folders = {name: tmp_path_factory.mktemp("base") for name in ("marks", "receipts")}
    made = SampleLake(spark, folders["marks"])
    made.drop("marks/1", *GOOD, *BAD)
    made.run()
    made = SampleLake(spark, folders["receipts"], catalog=Catalog([receipts_raw, receipts]))
    made.drop("receipts/1", receipt("x", 1), receipt("y", 1, 0))
    made.run()
    return folders


def copy_of(bases, command, spark, folder):
    is_document = command == "discarded document"
    sample = SampleLake(spark, folder, catalog=Catalog([receipts_raw, receipts]) if is_document else CATALOG)
    shutil.copytree(bases["receipts" if is_document else "marks"], folder, dirs_exist_ok=True)
    return sample


def is_repeated(bases, spark, folder, command, number, expected):
    """Kill a command at one of its crash points and repeat it; whether it has as many. The lake is as expected."""
    sample = copy_of(bases, command, spark, folder)
    with killed_at(number) as reached, suppress(KilledError):
        COMMANDS[command](sample)
    COMMANDS[command](sample)
    assert contents(sample) == expected, reached[-1]
    return len(reached) >= number


def contents_after(bases, spark, folder, command):
    """What a lake has after a command, and the names of the crash points on the way."""
    whole = copy_of(bases, command, spark, folder)
    with killed_at(0) as reached:
        COMMANDS[command](whole)
    return contents(whole), reached


def differing_points(names):
    """The numbers of the crash points; where tables exist, creating one after the other changes nothing in between."""
    created = [number for number, name in enumerate(names, 1) if name.endswith("create_table")]
    return [number for number in range(1, len(names) + 1) if number not in created[2:]]


@pytest.mark.parametrize(
    ("command", "number"),
    [
        pytest.param("fix", 12, marks=pytest.mark.slow),
        pytest.param("replay", 9, marks=pytest.mark.slow),
        ("discard", 3),
    ],
)
def test_a_command_that_is_killed_is_done_by_its_repetition(bases, spark, tmp_path, command, number):
    expected, _ = contents_after(bases, spark, tmp_path / "whole", command)

    assert is_repeated(bases, spark, tmp_path / "killed", command, number, expected)


def test_a_fix_that_was_killed_is_done_by_one_without_corrections(bases, spark, tmp_path, monkeypatch):
    expected, _ = contents_after(bases, spark, tmp_path / "whole", "fix")
    sample = copy_of(bases, "fix", spark, tmp_path / "killed")

    def die(*_):
        raise KilledError

    with monkeypatch.context() as patch, suppress(KilledError):
        patch.setattr(QuarantineLifeCycle, "_take_back", die)
        COMMANDS["fix"](sample)
    assert contents(sample) != expected
    cycle(sample).fix(FixFile.of({}), {marks: []}, "ticket 41")

    assert contents(sample) == expected


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_killed_at_any_of_its_crash_points_is_done_by_its_repetition(bases, spark, tmp_path, command):
    expected, names = contents_after(bases, spark, tmp_path / "whole", command)
    numbers = iter(differing_points(names))
    while is_repeated(bases, spark, tmp_path / str(number := next(numbers)), command, number, expected):
        if number >= len(names) - 5:  # a first pass may have a few more points than the others
            break

    assert number > 30
