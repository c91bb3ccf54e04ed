import pytest

from shoplake.columns.web import EVENT_NAMES, event_name


@pytest.fixture
def apply(spark):
    """What a column helper makes of each of some texts."""

    def each(helper, *texts):
        rows = spark.createDataFrame(list(enumerate(texts)), "at int, text string")
        return [row.apply for row in rows.select("at", helper("text").alias("apply")).orderBy("at").collect()]

    return each


def test_the_names_of_the_model_stay_and_its_other_spellings_are_mapped(apply):
    spelled = {"view": "product_view", "view_product": "product_view", "addtocart": "add_to_cart"}
    spelled |= {"transaction": "purchase", "wishlist": "wishlist", "Page View": "Page View"}
    names = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase")

    assert apply(event_name, *spelled, *names) == [*spelled.values(), *names]
    assert set(EVENT_NAMES) == set(names)


def test_a_missing_name_stays_missing(apply):
    assert apply(event_name, None) == [None]
