"""Which tables a declarative pipeline can have."""

import pytest

from shoplake.declare import Replace, col, table
from shoplake.declare.catalog import Catalog
from shoplake.deploy.pipeline.refusals import find_refusals
from shoplake.project.project import Project
from shoplake.tables.silver.money.exchange_rates import exchange_rates

COLUMNS = [col("feed", "string", "The feed")]


@table("gold", write=Replace(), columns=COLUMNS)
def dropped(exchange_rates):
    """One row per rate, by a query that Spark resolves at once."""
    return exchange_rates.drop("rate").select("feed")


@table("gold", write=Replace(), columns=COLUMNS)
def made_of_dropped(dropped):
    """One row per row of a table that is left out."""
    return dropped.select("feed")


@table("gold", write=Replace(), columns=COLUMNS)
def selected(exchange_rates):
    """One row per rate."""
    return exchange_rates.select("feed")


@pytest.fixture
def refused(spark, zenith):
    """The tables of a catalog that are left out, with the reason."""
    return lambda catalog: find_refusals(catalog, (zenith,), spark)


def test_a_table_that_spark_resolves_too_early_is_left_out_with_what_reads_it(refused):
    catalog = Catalog([exchange_rates, *_bronze(), dropped, made_of_dropped, selected])

    assert refused(catalog) == {
        "dropped": "uses drop(), which Spark resolves before its inputs exist",
        "made_of_dropped": "reads gold.dropped, which is left out",
    }


@pytest.mark.slow
def test_of_the_native_format_only_what_runs_do_not_write_is_left_out(refused):
    assert refused(Project().catalog) == {
        "churn_features": "is written by `shoplake train churn`, and not by runs",
        "churn_scores": "is written by `shoplake score churn`, and not by runs",
        "churn_training_sets": "is written by `shoplake train churn`, and not by runs",
    }


def _bronze():
    return [Project().catalog["exchange_rates_raw"]]
