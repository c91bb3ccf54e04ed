from dataclasses import replace
from datetime import date, datetime

import pytest
from sample_tables import CATALOG, DAY, copies, daily, mark, marks, price, prices, records, totals, visits

from shoplake.declare import Feed, FeedKind, Replace, Upsert
from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.input_changes import InputChanges, date_range_columns
from shoplake.engine.write.table_location import PathTable
from shoplake.engine.write.table_plan import DateRange, FullRefresh, InputRange, Partitions, Rows

FIRST, SECOND, THIRD = DAYS = [f"2026-03-0{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("input_partitions", "upstream", "columns"),
    [
        ({}, marks, ("day", "day")),
        ({}, prices, None),
        ({"prices": "valid_to_month"}, prices, ("valid_to_month", "valid_to_month")),
        ({"prices": ("valid_from", "valid_to")}, prices, None),
        ({"marks": "nowhere"}, marks, None),
    ],
)
def test_the_columns_that_say_which_partitions_a_row_matters_to(input_partitions, upstream, columns):
    assert date_range_columns(replace(daily, write=Replace("day", input_partitions)), upstream) == columns


@pytest.mark.parametrize("table", [totals, marks, visits])
def test_a_table_that_is_not_replaced_by_partitions_reads_all(table):
    assert date_range_columns(table, daily) is None


@pytest.fixture(scope="module")
def lake(spark, tmp_path_factory):
    """Marks on three days, and one more on the second; two prices, and one more."""
    engine = DeltaEngine(spark, str(tmp_path_factory.mktemp("lake")))
    for table in (marks, prices):
        engine.create_if_missing(table)
    for number, day in enumerate([*DAYS, SECOND]):
        engine.write(marks, marks(records(spark, mark(f"e{number}", f"{day}T09:00:00Z"), batch=f"b{number}")))
    reported = [price("a", "1.00", FIRST), price("b", "1.00", f"{THIRD}T10:00:00Z")]
    for count in (1, 2):
        engine.write(prices, prices(records(spark, *reported[:count])))
    return engine


def changed(engine, before, dates=None, table=daily, catalog=CATALOG):
    """The days of a table to rebuild after its inputs went on from some versions; None for all of them."""
    names = [name for name in ("marks", "prices") if name in table.inputs]
    now = {name: engine.version(CATALOG[name]) for name in names}
    ranges = [InputRange(name, Offset(version=(now | before)[name]), Offset(version=now[name])) for name in names]
    action = InputChanges(engine, catalog, table, {}, None).changed_partitions(ranges, dates)
    return None if action == FullRefresh() else action.values


def test_where_nothing_changed_no_day_is_built(lake):
    assert changed(lake, {}) == frozenset()


def test_the_days_that_changed_are_built(lake):
    assert changed(lake, {"marks": 3}) == {SECOND}
    assert changed(lake, {"marks": 2}) == {SECOND, THIRD}


def test_the_months_of_the_days_that_changed_are_built(lake):
    monthly = replace(daily, write=Replace("day", by_month=True))

    assert changed(lake, {"marks": 2}, table=monthly) == {"2026-03-01"}
    assert changed(lake, {}, DateRange(date(2026, 3, 3), None), monthly) == {"2026-03-01"}
    assert changed(lake, {}, DateRange(date(2026, 3, 4), None), monthly) == frozenset()


def test_a_change_of_a_version_shows_from_the_day_before_it_on(lake):
    assert changed(lake, {"prices": 1}) == {SECOND, THIRD}


def test_a_version_since_the_first_day_of_all_changes_every_day(lake, monkeypatch):
    monkeypatch.setattr(DeltaEngine, "changed_since", lambda *_: datetime(1, 1, 1))

    assert changed(lake, {"prices": 1}) == {*DAYS}


def test_versions_that_are_rebuilt_to_the_same_change_no_day(lake, spark):
    again = [price("a", "1.00", FIRST), price("b", "1.00", f"{THIRD}T10:00:00Z")]
    since = lake.version(prices)
    lake.write(prices, prices(records(spark, *again)), FullRefresh())

    assert lake.version(prices) > since
    assert changed(lake, {"prices": since}) == frozenset()


@pytest.mark.parametrize("name", ["marks", "prices"])
def test_where_an_input_was_never_read_all_days_are_built(lake, name):
    assert changed(lake, {name: None}) is None


def test_the_days_that_are_asked_for_are_built_if_there_are_any(lake):
    assert changed(lake, {}, DateRange(date(2026, 3, 2), date(2026, 3, 9))) == {SECOND, THIRD}
    assert changed(lake, {"marks": 3}, DateRange(end=date(2026, 3, 1))) == {FIRST, SECOND}


def test_days_without_an_end_are_those_that_the_inputs_have_from_their_start_on(lake):
    changes = InputChanges(lake, CATALOG, daily, {}, None)

    assert changes._days([DateRange(date(2026, 3, 2))]) == {SECOND, THIRD}
    assert changes._days([DateRange()]) == {*DAYS}


@pytest.mark.parametrize(("type", "days"), [("array<date>", None), ("date", {FIRST})])
def test_where_a_row_lists_its_days_all_are_built_if_some_are_asked_for(lake, type, days):
    column = replace(DAY, name="sent", type=type)
    catalog = dict(CATALOG) | {"prices": replace(prices, columns=(*prices.columns, column))}
    table = replace(daily, write=Replace("day", {"prices": "sent"}))

    assert changed(lake, {}, DateRange(end=date(2026, 3, 1)), table, catalog) == days


def test_a_table_without_partitions_is_built_whole(lake):
    step = InputRange("marks", Offset(version=1), Offset(version=2))

    assert InputChanges(lake, CATALOG, totals, {}, None).changed_partitions([step]) == FullRefresh()


def test_commits_that_change_no_row_of_an_input_build_nothing(lake):
    version = lake.version(CATALOG["marks"])
    step = InputRange("marks", Offset(version=version), Offset(version=version + 2))

    assert InputChanges(lake, CATALOG, totals, {}, None).changed_partitions([step]) == Partitions(frozenset())


def test_an_input_without_days_or_versions_has_all_days_built(lake):
    catalog = dict(CATALOG) | {"marks": replace(marks, columns=marks.columns[:3])}

    assert changed(lake, {"marks": 1}, catalog=catalog) is None


def test_an_input_without_day_partitions_changes_those_of_its_rows_that_differ(lake):
    catalog = dict(CATALOG) | {"marks": replace(marks, partition_by=())}

    assert changed(lake, {"marks": 2}, catalog=catalog) == {SECOND, THIRD}


def test_where_the_log_no_longer_has_the_changes_all_days_are_built(lake, monkeypatch):
    monkeypatch.setattr(DeltaEngine, "commit_diff", lambda *_: None)

    assert changed(lake, {"marks": 3}) is None


@pytest.mark.parametrize(
    ("name", "since", "dates"),
    [
        ("marks", 3, DateRange(date(2026, 3, 2), date(2026, 3, 2))),
        ("marks", 2, DateRange(date(2026, 3, 2), date(2026, 3, 3))),
        ("marks", 4, DateRange(date.max, date.min)),
        ("marks", None, None),
        ("prices", 1, None),
    ],
    ids=["a day", "two days", "nothing", "never read", "no days"],
)
def test_the_days_that_the_changes_of_an_input_matter_to_are_a_range(lake, name, since, dates):
    of = InputRange(name, Offset(version=since), Offset(version=lake.version(CATALOG[name])))

    assert InputChanges(lake, CATALOG, daily, {}, None).changed_dates(of) == dates


# Tables whose rows are each made of one row of another


@pytest.fixture
def since(lake):
    """The version since which added rows are enough for `copies`; None where partitions are overwritten."""
    lake.create_if_missing(copies)
    lake.write(copies, copies(lake.read(marks)))

    def planned(before=2, own=0, dates=None, **others):
        own_version = lake.version(copies) - own
        ranges = [InputRange("marks", Offset(None, before, own_version), Offset(version=lake.version(marks)))]
        ranges += [InputRange(name, Offset(version=old), Offset(version=9)) for name, old in others.items()]
        catalog = dict(CATALOG) | {"copies": copies}
        action = InputChanges(lake, catalog, copies, {}, None).changed_partitions(ranges, dates)
        return action.since if isinstance(action, Rows) else None

    return planned


@pytest.mark.parametrize("before", [0, 2])
def test_where_rows_were_only_added_it_is_enough_to_add_what_they_make(since, before):
    assert since(before=before) == before


def test_where_rows_were_removed_as_well_days_are_overwritten(lake, since, monkeypatch):
    diff = lake.commit_diff(marks, 2)
    monkeypatch.setattr(DeltaEngine, "commit_diff", lambda *_: replace(diff, removed=diff.added[:1]))

    assert since(before=2) is None


def test_where_another_input_changed_too_days_are_overwritten(since):
    assert since(prices=1) is None
    assert since(prices=9) == 2


def test_where_the_table_has_other_commits_days_are_overwritten(since):
    assert since(own=1) is None


def test_where_dates_are_asked_for_they_are_overwritten(since):
    assert since(dates=DateRange(date(2026, 3, 2))) is None


def test_where_another_writer_might_add_the_same_rows_days_are_overwritten(since, monkeypatch):
    monkeypatch.setattr(PathTable, "is_single_writer", False)

    assert since(before=2) is None


# Tables that have rows from streams and from tables


@pytest.mark.parametrize(
    ("write", "column"),
    [
        (Replace("day"), "day"),
        (Replace(), None),
        (Upsert(order_by="at"), None),
        (Upsert(order_by="at", input_partitions={"daily": "day"}), "day"),
    ],
)
def test_the_partition_column_of_a_table_is_that_of_its_write_mode(write, column):
    assert replace(marks, write=write).partition_column == column


def test_the_feeds_whose_rows_are_made_of_tables_come_with_those_tables():
    def lines(raw, other, *, feeds):
        return raw

    declared = replace(marks, build=lines, incremental=("raw",))
    kinds = [FeedKind(name, name, (), {"lines": {name: lines}}) for name in ("raw", "other")]
    feeds = tuple(Feed(f"shop of {kind.name}", kind, "") for kind in kinds)
    inputs = InputChanges(None, {}, declared, {}, None, feeds)

    assert inputs.table_fed_feeds() == (["other"], ["shop of other"])
    assert replace(inputs, table=replace(declared, incremental=())).table_fed_feeds() == ([], [])
