import pytest

from shoplake.errors import UnknownTableError
from shoplake.lake import Lake
from shoplake.operations.quarantine.records import RecordFilter

pytestmark = pytest.mark.usefixtures("fewest")


@pytest.fixture(scope="module")
def lake(tmp_path_factory, fewest):
    folder = tmp_path_factory.mktemp("lake")
    (folder / "landing" / "customers").mkdir(parents=True)
    file = folder / "landing" / "customers" / "customers-2026-03-01.csv"
    header = "customer_id,signup_date,location,email,phone,updated_at\n"
    file.write_text(f"{header}c1,2026-01-01,Leeds,no e-mail,,2026-03-01T00:00:00Z\n")
    config = folder / "shoplake.toml"
    config.write_text(
        'lake = "lake"\n[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'
    )
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


def test_a_decision_changes_the_state_and_is_kept(lake):
    [record], version = lake.select_quarantined("customers"), lake.quarantine_version
    with lake.quarantine_life_cycle() as cycle:
        cycle.discard(lake.with_quarantine("customers"), RecordFilter(ids=(record["record_id"],)), "test shop")

    assert lake.open_quarantined() == {"silver.customers": 0} and lake.quarantine_version > version
    assert [(each["decision"], each["because"]) for each in lake.decisions(record["record_id"])] == [
        ("discarded", "test shop")
    ]


def test_a_table_without_quarantine_is_an_error_that_names_those_with_one(lake):
    with pytest.raises(UnknownTableError, match="read by quarantine"):
        lake.with_quarantine("orders_raw")
