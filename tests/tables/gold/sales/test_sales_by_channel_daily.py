from decimal import Decimal

from reliability.lakes import listed


def test_orders_are_in_the_channel_of_their_session_and_others_in_none(shop):
    rows = listed(shop / "lake", "gold/sales_by_channel_daily")

    output = {(str(row["sales_date"]), row["currency"], row["channel"]): row["gross_sales"] for row in rows}
    assert {key: gross for key, gross in output.items() if gross} == {
        ("2026-03-01", "GBP", "(none)"): Decimal("10.0000"),
        ("2026-03-02", "GBP", "(none)"): Decimal("0.9999"),
        ("2026-03-02", "GBP", "email"): Decimal("25.0000"),
        ("2026-03-03", "EUR", "paid_search"): Decimal("5.0000"),
        ("2026-03-03", "GBP", "direct"): Decimal("29.0000"),
        ("2026-03-04", "GBP", "(none)"): Decimal("7.0000"),
    }


def test_a_return_counts_in_the_channel_of_its_order(shop):
    rows = listed(shop / "lake", "gold/sales_by_channel_daily")

    returns = {(str(row["sales_date"]), row["channel"]): row["returns"] for row in rows if row["returns"]}
    assert returns == {
        ("2026-03-04", "email"): Decimal("10.0000"),
        ("2026-03-05", "(none)"): Decimal("5.0000"),
        ("2026-03-09", "(none)"): Decimal("0.3333"),
        ("2026-03-20", "direct"): Decimal("9.0000"),
        ("2026-04-02", "email"): Decimal("15.0000"),
    }
