from shoplake.serve.answers.predictions.recommendations import (
    CustomerRecommendationsQuery,
    ProductRecommendationsQuery,
    customer_recommendations,
    product_recommendations,
)
from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration


def test_a_product_has_its_lists_by_kind_with_names(generation):
    rows = product_recommendations(generation, ProductRecommendationsQuery("P1")).rows.to_pylist()

    assert [(row["kind"], row["rank"], row["recommended_name"]) for row in rows] == [
        ("next", 1, "Lamp 3"),
        ("together", 1, "Lamp 2"),
        ("together", 2, "Lamp 4"),
    ]
    assert {row["product_name"] for row in rows} == {"Lamp 1"}


def test_one_kind_can_be_chosen_and_a_limit_cuts_the_list(generation):
    answer = product_recommendations(generation, ProductRecommendationsQuery("P1", "together", limit=1))

    assert [row["recommended_id"] for row in answer.rows.to_pylist()] == ["P2"]
    assert answer.is_truncated


def test_a_customers_list_names_what_it_is_because_of(generation):
    rows = customer_recommendations(generation, CustomerRecommendationsQuery("C3")).rows.to_pylist()

    assert [(row["rank"], row["product_name"], row["because"]) for row in rows] == [
        (1, "Lamp 2", "Lamp 3, Lamp 1"),
        (2, "Lamp 5", "gone"),
        (3, "Lamp 4", None),
    ]


def test_a_product_without_a_name_is_named_by_its_id(shop):
    tables = gold_tables(shop)
    for row in tables["silver.products"]:
        row["product_name"] = " " if row["product_id"] == "P3" else row["product_name"]

    rows = customer_recommendations(MemoryGeneration(tables), CustomerRecommendationsQuery("C3")).rows.to_pylist()

    assert rows[0]["because"] == "P3, Lamp 1"


def test_reasons_of_one_name_are_told_apart_by_their_ids(shop):
    tables = gold_tables(shop)
    for row in tables["silver.products"]:
        row["product_name"] = "Lamp" if row["product_id"] in ("P1", "P3") else row["product_name"]

    rows = customer_recommendations(MemoryGeneration(tables), CustomerRecommendationsQuery("C3")).rows.to_pylist()

    assert rows[0]["because"] == "Lamp · P3, Lamp · P1"


def test_another_customer_and_a_lake_without_the_tables_have_no_rows(generation):
    older = MemoryGeneration()
    older.versions = {}

    assert customer_recommendations(generation, CustomerRecommendationsQuery("C4")).rows.num_rows == 0
    assert customer_recommendations(older, CustomerRecommendationsQuery("C3")).rows.num_rows == 0
    assert product_recommendations(older, ProductRecommendationsQuery("P1")).rows.num_rows == 0
