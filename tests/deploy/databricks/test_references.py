from shoplake.deploy.databricks.references import LANDING, table, volume


def test_a_table_and_a_volume_are_named_by_references_alone():
    assert table("sales_daily", "gold") == "${var.catalog}.${resources.schemas.gold.name}.sales_daily"
    assert volume(LANDING, "{{job.parameters.catalog}}") == (
        "/Volumes/{{job.parameters.catalog}}/${resources.schemas.landing.name}/${resources.volumes.files.name}"
    )
