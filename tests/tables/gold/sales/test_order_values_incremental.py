"""Order values do not depend on how their records arrive, and a correction changes the days that it concerns."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from reliability.lakes import content, difference, listed, partitions, same_files

from .oracle import order_values
from .shop import FILES, PRODUCTS, new_lake, write

GOLD = [
    "gold/order_values",
    *[f"gold/{name}" for name in ("sales_daily", "sales_by_country_daily", "sales_by_category_daily")],
    "gold/sales_by_channel_daily",
]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_files_that_arrive_in_any_order_give_the_tables_of_one_run(shop: Path, tmp_path: Path, seed: int):
    names = [*FILES, *PRODUCTS]
    random.Random(seed).shuffle(names)
    names.sort(key="orders/3.json".__eq__)  # the correction of an order without updated_at arrives last
    for at in range(0, len(names), 4):
        write(tmp_path / "landing", *names[at : at + 4])
        new_lake(tmp_path).run()

    assert difference(content(tmp_path / "lake", GOLD), content(shop / "lake", GOLD)) == {}


@pytest.mark.slow
def test_a_late_return_and_a_late_first_order_change_their_own_days(tmp_path: Path):
    write(tmp_path / "landing", "orders/1.json", "orders/2.json", "P1")
    new_lake(tmp_path).run()
    before = partitions(tmp_path / "lake", "gold/order_values", "order_date")
    write(tmp_path / "landing", "refunds/1.json")

    new_lake(tmp_path).run()

    returned = partitions(tmp_path / "lake", "gold/order_values", "order_date")
    assert same_files(before, returned) == {"2026-03-04"}  # O1 of 2 March and O3 of 3 March have returns
    assert set(returned) == {"2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"}

    write(tmp_path / "landing", "orders/3.json")
    new_lake(tmp_path).run()

    firsts = {row["order_id"]: row["is_first_order"] for row in listed(tmp_path / "lake", "gold/order_values")}
    assert (firsts["O0"], firsts["O1"]) == (True, False)
    assert "2026-03-04" in same_files(returned, partitions(tmp_path / "lake", "gold/order_values", "order_date"))


@pytest.mark.slow
def test_order_values_are_those_of_an_independent_computation(shop: Path):
    assert _stored(shop / "lake") == _computed(shop / "lake")


@pytest.mark.slow
def test_order_values_of_a_simulated_shop_are_those_of_an_independent_computation(simulated_shop):
    lake = Path(simulated_shop.lake.settings.lake)

    assert _stored(lake) == _computed(lake)
    assert [each for each in simulated_shop.lake.verify() if each.table.startswith("gold")] == []


def _stored(lake: Path) -> dict[object, object]:
    return {
        (row["order_id"], row["document_id"], row["line_number"], row["kind"]): (
            *(row["currency"], row["gross"], row["discount"], row["category"], row["unit_cost"]),
            *(row["is_first_order"], row["is_cancelled"]),
            sorted((each["return_date"], each["quantity"], each["amount"]) for each in row["returns"]),
        )
        for row in listed(lake, "gold/order_values")
    }


def _computed(lake: Path) -> dict[object, object]:
    values = order_values(listed(lake, "silver/order_lines"), listed(lake, "silver/products"), "GBP")
    return {
        key: (
            *(row["currency"], row["gross"], row["discount"], row["category"], row["unit_cost"]),
            *(row["is_first_order"], row["is_cancelled"]),
            sorted(row["returns"]),
        )
        for key, row in values.items()
    }
