import pytest


@pytest.fixture(scope="module")
def dashboard(documents):
    return documents["dashboards/shop.lvdash.json"]


def widgets(dashboard):
    return [each["widget"] for page in dashboard["pages"] for each in page["layout"]]


def test_every_question_is_a_data_set_with_a_chart_of_its_own(dashboard):
    datasets = [each["name"] for each in dashboard["datasets"]]

    assert len(datasets) == len(set(datasets)) == 5
    assert [each["queries"][0]["query"]["datasetName"] for each in widgets(dashboard)] == datasets


def test_a_chart_shows_only_fields_that_its_query_has(dashboard):
    for widget in widgets(dashboard):
        fields = {each["name"] for each in widget["queries"][0]["query"]["fields"]}
        encodings = widget["spec"]["encodings"]
        shown = encodings.get("columns") or list(encodings.values())
        assert {each["fieldName"] for each in shown} <= fields


def test_charts_do_not_lie_over_each_other(dashboard):
    layout = [each["position"] for page in dashboard["pages"] for each in page["layout"]]
    cells = [
        (x, y)
        for at in layout
        for x in range(at["x"], at["x"] + at["width"])
        for y in range(at["y"], at["y"] + at["height"])
    ]

    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) == 5


def test_the_resource_names_catalog_and_schema_of_the_target(documents):
    resource = documents["resources/dashboard.yml"]["resources"]["dashboards"]["shop"]

    assert resource["dataset_catalog"] == "${var.catalog}"
    assert resource["dataset_schema"] == "${resources.schemas.gold.name}"
