"""Corrected records that are as new as their arrival: they arrived when the record did that they replace."""

from dataclasses import replace

import pytest
from reliability.lakes import lake_at, listed

from shoplake.declare.catalog import Catalog
from shoplake.engine import at_landed_places
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.pipeline.table_inputs import TableInputs

HEADER = "cost_date,source,medium,campaign,cost"


@pytest.fixture
def shop(tmp_path):
    """A lake of ad costs, and a function that lands a file of them and runs."""
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", "shopify", tables=("ad_costs",))

    def land(file, *lines):
        path = tmp_path / "landing" / "spend" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([HEADER, *lines]))
        lake.run()

    return lake, land


def costs(tmp_path):
    return {str(row["cost_date"]): str(row["cost"]) for row in listed(tmp_path / "lake", "silver/ad_costs")}


def still_open(lake):
    return [record["raw"] for record in lake.select_quarantined("silver.ad_costs")]


def fix(lake, old, new):
    found = {each["record_id"]: each["raw"] for each in lake.select_quarantined("silver.ad_costs")}
    corrections = FixFile.of({id: raw.replace(old, new) for id, raw in found.items() if old in raw})
    tables = lake.tables_of_fix(corrections)
    with lake.quarantine_life_cycle() as cycle:
        return cycle.fix(corrections, tables, "ticket 41")


def test_a_corrected_record_is_no_newer_than_one_that_arrived_after_it(shop, tmp_path):
    lake, land = shop
    land("a.csv", "2 March,google,cpc,spring,13.50")
    land("b.csv", "2026-03-02,google,cpc,spring,20.00")

    fix(lake, "2 March", "2026-03-02")

    assert (costs(tmp_path), still_open(lake)) == ({"2026-03-02": "20.0000"}, [])
    lake.run(full_refresh=True)
    assert (costs(tmp_path), lake.verify()) == ({"2026-03-02": "20.0000"}, [])


def test_a_newer_bad_record_stays_open_when_an_older_one_of_its_key_is_corrected(shop, tmp_path):
    lake, land = shop
    land("a.csv", "2026-03-02,google,cpc,spring,little")
    land("b.csv", "2026-03-02,google,cpc,spring,much")

    fix(lake, "little", "13.50")

    assert costs(tmp_path) == {"2026-03-02": "13.5000"}
    assert still_open(lake) == ["2026-03-02,google,cpc,spring,much"]


def test_a_correction_that_is_bad_too_leaves_the_other_bad_records_of_its_batch(shop, tmp_path):
    lake, land = shop
    land("a.csv", "2 March,google,cpc,spring,13.50", "2026-03-02,google,cpc,spring,little", "2026-03-03,google,cpc,x,7")

    fix(lake, "2 March", "3 March")

    expected = ["2026-03-02,google,cpc,spring,little", "3 March,google,cpc,spring,13.50"]
    assert (costs(tmp_path), sorted(still_open(lake))) == ({"2026-03-03": "7.0000"}, expected)
    fix(lake, "3 March", "2026-03-04")
    assert still_open(lake) == expected[:1]


@pytest.mark.sample
def test_a_correction_of_before_is_replayed_after_its_rule_was_loosened(shop, tmp_path, monkeypatch):
    lake, land = shop
    land("a.csv", "2026-03-02,google,cpc,spring,little")
    with monkeypatch.context() as patch:  # the batch of the fix, as it was before
        patch.setattr(TableInputs, "_placed", lambda _, corrected, bronze, *args: at_landed_places(corrected, *args))
        fix(lake, "little", "-13.50")
    looser = [
        replace(each, rules=tuple(rule for rule in each.rules if rule.name != "cost_not_negative"))
        for each in lake.catalog.ordered
    ]
    lake.catalog = Catalog(looser)

    with lake.quarantine_life_cycle() as cycle:
        result = cycle.replay(lake.with_quarantine("silver.ad_costs"))

    assert (result.records, result.passed, still_open(lake)) == (1, 1, [])
    assert costs(tmp_path) == {"2026-03-02": "-13.5000"}


@pytest.mark.sample
def test_a_corrected_category_is_no_newer_than_one_that_arrived_after_it(tmp_path):
    lake = lake_at(tmp_path / "lake", tmp_path / "landing", "retailrocket", tables=("categories",))
    (tmp_path / "landing").mkdir()
    for name, line in (("9", "3,two"), ("1", "3,1")):
        (tmp_path / "landing" / f"category_tree-{name}.csv").write_text(f"categoryid,parentid\n1,\n2,\n{line}\n")
        lake.run()
    [bad] = lake.select_quarantined("silver.categories")
    corrections = FixFile.of({bad["record_id"]: "3,2"})

    with lake.quarantine_life_cycle() as cycle:
        cycle.fix(corrections, lake.tables_of_fix(corrections), "ticket 41")

    assert {row["category_id"]: row["path"] for row in listed(tmp_path / "lake", "silver/categories")}["3"] == "1/3"
