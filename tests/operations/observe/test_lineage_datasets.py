import pytest

from shoplake.operations.observe.lineage_datasets import _named, facet


@pytest.mark.parametrize(
    ("url", "namespace", "name"),
    [
        ("/data/lake/silver/events", "file", "/data/lake/silver/events"),
        ("s3://bucket/lake/silver/events", "s3://bucket", "lake/silver/events"),
        ("s3://bucket", "s3://bucket", "/"),
    ],
)
def test_a_dataset_is_named_by_its_store_and_the_path_in_it(url, namespace, name):
    assert _named(url) == {"namespace": namespace, "name": name}


def test_a_facet_names_its_schema():
    made = facet("1-0-0/SchemaDatasetFacet", fields=[])

    assert (
        made["_schemaURL"]
        == "https://openlineage.io/spec/facets/1-0-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
    )
    assert made["fields"] == [] and made["_producer"].startswith("https://")
