import pytest
from pyspark.sql import functions as F

from shoplake.feeds.woocommerce.items import described, fee_line, product_id


@pytest.fixture
def item(spark):
    """An item of a table of one row, and that table."""

    def one(**cells):
        names = ("product_id", "variation_id", "sku", "name", "id", "total")
        cells = [cells.get(name) for name in names]
        return spark.createDataFrame([(tuple(cells),)], f"item struct<{','.join(f'{name}:string' for name in names)}>")

    return one


@pytest.mark.parametrize(
    ("cells", "known"),
    [
        ({"product_id": "7", "sku": "MUG", "name": "Mug"}, "7"),
        ({"product_id": "0", "sku": "MUG", "name": "Mug"}, "MUG"),
        ({"product_id": "0", "sku": "", "name": "Mug"}, "Mug"),
    ],
)
def test_a_product_is_its_number_or_stock_number_or_name(item, cells, known):
    [row] = item(**cells).select(product_id(F.col("item")).alias("id")).collect()

    assert row.id == known


def test_an_item_without_a_variant_has_none(item):
    [row] = item(name="Mug", variation_id="0").select(described(F.col("item")).alias("made")).collect()

    assert row.made == {"name": "Mug"}


def test_a_fee_is_a_line_of_class_other_by_its_own_number(item):
    fee = F.col("item")

    [row] = (
        item(id="13", name="Wrap").select(fee_line(fee, "sale", "1", F.lit("2"), F.lit("0.4")).alias("line")).collect()
    )

    assert (row.line.line_number, row.line.line_class, row.line.amount, row.line.tax) == ("13", "other", "2", "0.4")
    assert row.line.attributes == {"name": "Wrap"}
