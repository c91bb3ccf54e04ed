import re

import numpy as np
import pytest

from shoplake.simulate.retailrocket import lines
from shoplake.simulate.retailrocket.events import BUY, CART, VIEW, Events
from shoplake.simulate.retailrocket.hierarchy import generate_tree
from shoplake.simulate.retailrocket.items import PUBLISH_RATES, Items

ITEMS = Items(7, 40, 1_430_611_200_000, 40, generate_tree(7, 40))


def test_events_are_lines_as_in_the_real_data():
    columns = [1_433_221_332_117] * 3, [257597, 1, 2], [VIEW, CART, BUY], [355908, 0, 9], [0, 0, 4]

    expected = lines.event_lines(Events(*map(np.array, columns))).to_pylist()

    assert expected == [
        "1433221332117,257597,view,355908,\n",
        "1433221332117,1,addtocart,0,\n",
        "1433221332117,2,transaction,9,4\n",
    ]


def test_properties_come_in_blocks_each_published_value_among_them():
    properties = lines.PropertyLines(7, ITEMS, 3_500, block_rows=1_000)

    blocks = [block.to_pylist() for block in properties]

    texts = [text for block in blocks for text in block]
    versioned = [text for text in texts if text.split(",")[2] in PUBLISH_RATES]
    assert (len(blocks), properties.blocks, len(texts)) == (4, 4, 3_500)
    assert len(versioned) == sum(int(flags.sum()) for flags in ITEMS.published.values())
    assert all(re.fullmatch(r"\d{13},\d+,(\d+|available|categoryid),(n?\d+(\.\d+)? ?)+\n", text) for text in texts)


@pytest.mark.parametrize(
    ("name", "value", "text"), [("790", 12_000_000, "n12000.000"), ("790", 1_090, "n1.090"), ("available", 0, "0")]
)
def test_a_price_is_written_with_an_n_and_thousandths(name, value, text):
    assert lines.format_value(name, value) == text


def test_losing_prices_sort_before_the_published_price_of_the_same_time():
    prices = {}
    for text in (text for block in lines.PropertyLines(7, ITEMS, 1) for text in block.to_pylist()):
        at, item, name, value = text.split(",")
        prices[at, item, name] = value

    for text in lines.losing_prices(ITEMS):
        at, item, name, value = text.split(",")
        assert value < prices[at, item, name]
