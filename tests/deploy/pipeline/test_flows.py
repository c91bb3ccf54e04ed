import pytest

from shoplake.deploy.pipeline.flows import PipelineFlows, evaluated_name
from shoplake.tables.silver.orders.payments import payments

SETTINGS = """
lake = "lake"

[feeds.shop]
kind = "zenith"
path = "landing"
currency = "GBP"
timezone = "Europe/London"
"""


@pytest.fixture
def flows(spark, tmp_path):
    """The queries of a pipeline whose settings name one feed."""
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    return PipelineFlows(spark, str(tmp_path / "transformations" / "silver.py"))


def plan_of(rows):
    return str(rows._plan.to_proto(rows.sparkSession.client))


def test_a_table_reads_the_pipelines_tables_by_their_names(flows):
    assert 'unparsed_identifier: "silver.order_lines"' in plan_of(flows.rows("first_orders"))


def test_a_table_and_its_quarantine_read_the_view_of_evaluated_rows(flows):
    assert evaluated_name(payments) == "silver_payments_evaluated"
    assert all("silver_payments_evaluated" in plan_of(each("payments")) for each in (flows.winners, flows.quarantine))


def test_a_table_that_runs_do_not_write_has_no_rows(flows):
    assert "gold.churn_scores" not in plan_of(flows.rows("customer_360"))
