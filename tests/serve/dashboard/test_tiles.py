import re

import pytest

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_shop import MemoryGeneration

SALES = {"Net sales", "Orders", "Average order", "Returns", "Margin"}


@pytest.mark.parametrize(
    ("missing", "dashes", "said"),
    [
        (("gold.sales", "gold.reconciliation"), SALES, "no order has arrived"),
        (("gold.funnel", "silver.sessions"), {"Visits", "Conversion"}, "no event has arrived"),
    ],
)
def test_a_tile_of_what_has_not_arrived_is_a_dash_and_not_zero(browse, shop, missing, dashes, said):
    rows = {name: rows for name, rows in gold_tables(shop).items() if not name.startswith(missing)}
    html = browse(MemoryGeneration(rows, id=said)).get("/?since=2026-04-01&until=2026-04-30").text

    tiles = dict(re.findall(r'tile" aria-label="(.*?)">.*?<p class="value">(.*?)</p>', html, re.S))
    assert {title for title, value in tiles.items() if value == "–"} == dashes
    assert html.count(said) == len(dashes)
