import json
from datetime import UTC, datetime

import pytest

from shoplake.engine import DECISIONS
from shoplake.errors import KeyNotFoundError, LandingError, UnknownTableError
from shoplake.lake import Lake
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.records import RecordFilter

pytestmark = pytest.mark.usefixtures("fewest")
SETTINGS = (
    'lake = "lake"\n[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory, fewest):
    folder = tmp_path_factory.mktemp("lake")
    (folder / "landing" / "customers").mkdir(parents=True)
    file = folder / "landing" / "customers" / "customers-2026-03-01.csv"
    header = "customer_id,signup_date,location,email,phone,updated_at\n"
    file.write_text(f"{header}c1,2026-01-01,Leeds,no e-mail,,2026-03-01T00:00:00Z\n")
    config = folder / "shoplake.toml"
    config.write_text(SETTINGS)
    made = Lake.open(config)
    made.run(select=None)
    return made


def test_open_records_are_counted_listed_and_found_by_id(lake):
    [row] = lake.quarantine_summary()
    [record] = lake.select_quarantined("customers")

    assert (row["table"], row["records"], lake.open_quarantined()) == ("silver.customers", 1, {"silver.customers": 1})
    assert [table.name for table in lake.quarantined_records([record["record_id"]])] == ["customers"]
    assert lake.quarantine("silver.customers").to_arrow()["state"].to_pylist() == ["open"]


def test_examples_show_of_a_personal_value_only_its_form(lake):
    [row] = lake.quarantine_examples()

    assert (row["reason"], row["examples"]) == (
        "email_is_email",
        [('"xx x-xxxx"', "customers/customers-2026-03-01.csv:2")],
    )


def test_previews_are_by_table_and_leave_the_lake_as_it_is(lake):
    [record] = lake.select_quarantined("customers")
    table = lake.with_quarantine("customers")
    fix = FixFile.of({record["record_id"]: "c1,2026-01-01,Leeds,c1@example.com,,2026-03-01T00:00:00Z"})
    version = lake.quarantine_version

    replayed = lake.preview_replay("customers")
    fixed = lake.preview_fix(fix, {table: list(fix.corrections)})

    assert replayed["silver.customers"].still_bad == {"email_is_email": 1}
    assert (fixed["silver.customers"].passed, lake.quarantine_version) == (1, version)


def test_a_text_that_is_as_it_was_is_no_correction(lake):
    [record] = lake.select_quarantined("customers")

    with pytest.raises(LandingError, match="Every text in the file is as it was"):
        lake.tables_of_fix(FixFile.of({record["record_id"]: record["raw"]}))


def test_a_decision_changes_the_state_and_is_kept(lake):
    [record], version = lake.select_quarantined("customers"), lake.quarantine_version
    with lake.quarantine_life_cycle() as cycle:
        cycle.discard(lake.with_quarantine("customers"), RecordFilter(ids=(record["record_id"],)), "test shop")

    assert lake.open_quarantined() == {"silver.customers": 0} and lake.quarantine_version > version
    assert [(each["decision"], each["because"]) for each in lake.decisions(record["record_id"])] == [
        ("discarded", "test shop")
    ]


ORDER = {
    "ordered_at": "2026-03-01T09:30:00Z",
    "currency": "GBP",
    "lines": [{"line_number": 1, "product_id": "p1", "quantity": 2, "unit_price": 9.99}],
    "updated_at": "2026-03-01T09:30:00Z",
}


def test_decided_documents_keep_their_state_text_and_reasons(tmp_path):
    (tmp_path / "landing" / "orders").mkdir(parents=True)
    orders = [ORDER | {"order_id": "good"}, ORDER | {"order_id": "bad", "ordered_at": "yesterday"}]
    (tmp_path / "landing" / "orders" / "1.json").write_text("".join(f"{json.dumps(each)}\n" for each in orders))
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    lake = Lake.open(tmp_path / "shoplake.toml")
    lake.run(select=None)
    [bad] = lake.select_quarantined("order_lines")
    fix = FixFile.of({bad["record_id"]: json.dumps(ORDER | {"order_id": "bad"})})
    with lake.quarantine_life_cycle() as cycle:
        cycle.fix(fix, lake.tables_of_fix(fix), "ticket 41")

    fixed = RecordFilter(state="fixed")
    assert lake.select_quarantined("order_lines", fixed) == [bad | {"state": "fixed"}]
    assert {row["reason"] for row in lake.quarantine_summary(selection=fixed)} == {*bad["reasons"]}
    assert lake.quarantined_records([bad["record_id"]]) == {
        lake.with_quarantine("order_lines"): [bad | {"state": "fixed"}]
    }
    assert lake.quarantine("order_lines").to_arrow()["state"].to_pylist() == ["fixed"]
    with pytest.raises(LandingError, match="was corrected before"):
        lake.tables_of_fix(FixFile.of({bad["record_id"]: json.dumps(ORDER | {"order_id": "worse"})}))


def test_a_table_without_quarantine_is_an_error_that_names_those_with_one(lake):
    with pytest.raises(UnknownTableError, match="read by quarantine"):
        lake.with_quarantine("orders_raw")


def test_a_file_that_was_ingested_before_finds_the_tables_of_records_that_are_gone(lake):
    fix = FixFile.of({"0123456789abcdef": "c1,2026-01-01,Leeds,c1@example.com,,2026-03-01T00:00:00Z"})
    with pytest.raises(KeyNotFoundError):
        lake.tables_of_fix(fix)
    said = {"decision": "fixed", "actor": "ada", "because": "ticket 41", "run_id": "r1", "fix_id": fix.id}
    row = {"record_id": "0123456789abcdef", "table": "silver.customers", **said, "recorded_at": datetime.now(UTC)}
    lake.state.append(DECISIONS, [row], {})

    [(table, corrections)] = lake.tables_of_fix(fix).items()

    assert (table.name, corrections) == ("customers", list(fix.corrections))
