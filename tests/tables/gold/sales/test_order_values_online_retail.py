"""Order values of UCI Online Retail as published, against a computation in plain Python."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from reliability.lakes import CUSTOMERS, bring, lake_at, listed

from .oracle import order_values, sales

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.real_data, pytest.mark.slow]


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Path:
    """A lake of twelve days of invoices."""
    folder, source = tmp_path_factory.mktemp("retail"), real_data / "online_retail"
    bring(folder / "landing", source, sorted(source.glob("*.csv"))[:12])
    tables = (*CUSTOMERS, "sales_by_country_daily", "sales_daily")
    lake_at(folder / "lake", folder / "landing", "online_retail", tables=tables).run()
    return folder / "lake"


def test_the_values_of_every_line_are_those_of_the_oracle(retail: Path):
    expected = order_values(listed(retail, "silver/order_lines"), [], "GBP")

    output = {
        (row["order_id"], row["document_id"], row["line_number"], row["kind"]): (
            *(row["gross"], row["discount"], row["is_first_order"], row["channel"]),
            [(each["return_date"], each["quantity"], each["amount"]) for each in row["returns"]],
        )
        for row in listed(retail, "gold/order_values")
    }

    assert {row[0][0] for row in output} >= {"C", "5"}
    assert output == {
        key: (value["gross"], value["discount"], value["is_first_order"], "(none)", value["returns"])
        for key, value in expected.items()
    }


def test_sales_by_country_are_those_of_the_oracle(retail: Path):
    values = order_values(listed(retail, "silver/order_lines"), [], "GBP").values()
    expected = sales(values, lambda value: value["country"])

    output = {
        (row["sales_date"], row["currency"], row["country"]): [
            row[name] for name in ("orders", "gross_sales", "returns")
        ]
        for row in listed(retail, "gold/sales_by_country_daily")
    }

    assert output == {key: [day["orders"], day["gross_sales"], day["returns"]] for key, day in expected.items()}
    assert sum(row["discounts"] for row in listed(retail, "gold/sales_daily")) == sum(
        (day["discounts"] for day in expected.values()), Decimal(0)
    )
