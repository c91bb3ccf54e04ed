import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark


@pytest.fixture
def sample(spark, tmp_path):
    made = SampleLake(spark, tmp_path)
    made.drop("marks/a", mark("a"), mark("b", "2026-03-02T09:00:00Z", n=2))
    return made


def layers(names):
    return {name.partition(".")[0] for name in names}


def test_bronze_silver_and_gold_one_after_the_other_are_a_run(sample, tmp_path):
    written = [sample.wrote(layer=layer) for layer in ("bronze", "silver", "gold")]

    assert [layers(names) for names in written] == [{"bronze"}, {"silver"}, {"gold"}]
    assert (sample.wrote(), sample.days()) == ([], {"2026-03-01": (1, None), "2026-03-02": (2, None)})
    assert {name for names in written for name in names} == {
        table.qualified_name for table in CATALOG.ordered if "prices" not in table.name
    }


def test_only_the_run_of_bronze_takes_in_new_files(sample):
    sample.run(layer="bronze")
    sample.drop("marks/c", mark("c", "2026-03-03T09:00:00Z"))

    assert sample.run(layer="silver").files == 0
    assert sample.run(layer="bronze").files == 1


@pytest.mark.slow
@pytest.mark.sample
def test_a_layers_full_refresh_leaves_the_others_as_they_are(sample):
    sample.run()
    before = sample.versions()

    sample.run(layer="gold", full_refresh=True)

    changed = {CATALOG[name].layer for name, version in sample.versions().items() if version != before[name]}
    assert changed == {"gold"}


def test_the_plan_of_a_layer_has_no_other(sample):
    sample.run(layer="bronze")

    assert layers(plan.table for plan in sample.plan(layer="silver").tables) == {"silver"}


def test_a_table_that_a_run_postpones_reads_later_what_it_has_missed(sample):
    sample.run()
    sample.drop("marks/c", mark("c", "2026-03-03T09:00:00Z", n=4))

    written = sample.wrote(postponed=frozenset({"daily"}))
    missed = sample.days()

    assert "silver.marks" in written and "gold.daily" not in written
    assert (missed.get("2026-03-03"), sample.wrote(), sample.days()["2026-03-03"]) == (
        None,
        ["gold.daily", "gold.totals"],
        (4, None),
    )
