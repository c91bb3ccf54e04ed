"""Lives of two feeds whose records meet: their names, their records, and what is found where they mix."""

import itertools
from random import Random

import pytest

from tools.soak.shop import shop_life
from tools.soak.shop.shop_state import ZONES
from tools.soak.shop.two_feeds import PAIRS, TwoFeedsLake
from tools.soak.world import DifferenceError


@pytest.fixture
def lake(tmp_path):
    return lambda pair: TwoFeedsLake(tmp_path / pair, ("sales_daily",), kind=pair)


@pytest.mark.parametrize("pair", PAIRS)
def test_the_feeds_have_folders_zones_and_currencies_of_their_own(lake, pair):
    one, two = lake(pair).feeds()

    assert [each.kind.name for each in (one, two)] == pair.split()
    assert (one.timezone, two.timezone) == ZONES[:2] and one.currency != two.currency and one.path != two.path


@pytest.mark.parametrize("pair", PAIRS)
def test_records_of_two_feeds_are_the_same_for_the_same_seed(lake, pair):
    drawn = []
    for records in (lake(pair).make_records(Random(4)) for _ in range(2)):
        streams = [records.choose_stream() for _ in range(20)]
        drawn.append([(each, records.choose_name(each, 0), records.texts(each)) for each in streams])

    assert drawn[0] == drawn[1]


def test_files_of_two_feeds_have_the_same_names_and_sometimes_the_same_records(lake):
    records = lake("segment segment").make_records(Random(4))
    drawn = [(each, records.choose_name(each, 0), records.texts(each)) for each in ["one/events", "two/events"] * 40]

    one, two = ({name for stream, name, _ in drawn if stream.startswith(feed)} for feed in ("one", "two"))
    same = [texts for (stream, _, texts), (other, _, others) in itertools.pairwise(drawn) if texts == others]
    assert one & two and same


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 3])
def test_a_life_of_two_feeds_ends_as_a_fresh_lake_of_each(seed):
    assert len(shop_life.simulate_feeds(seed, 4).steps) == 4


@pytest.mark.slow
@pytest.mark.sample
def test_a_record_that_another_feed_has_is_named(lake):
    shop = lake("zenith zenith")
    line = shop.make_records(Random(1)).good("one/orders")
    shop.write("one/orders/a.json", [line])
    shop.lake.run()
    shop.content.arrive({"two/orders/a.json": [line]})

    with pytest.raises(DifferenceError, match=r"silver/order_lines: missing \[.*'two'.*added \[.*'one'"):
        shop.check(Random(1))
