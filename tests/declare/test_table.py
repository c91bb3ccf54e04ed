from shoplake.declare import (
    QUARANTINE_COLUMNS,
    Action,
    Append,
    Expectation,
    Replace,
    Scd2,
    Upsert,
    col,
    expect,
    table,
    warn,
)

FEED = col("feed", "string", "Shop", required=True)
PRICE = col("price", "decimal(18,2)", "Price", unit="EUR")
AT = col("at", "timestamp", "When", unit="UTC", required=True)


@table(
    "silver",
    key="feed",
    write=Upsert(order_by="at"),
    incremental="prices_raw",
    columns=[FEED, PRICE, AT],
    expectations=[expect("price_fair", "price < 100"), warn("price_cheap", "price < 10")],
)
def prices(prices_raw, rates, *, feeds, as_of=None):
    """One row per price.

    More of it.
    """
    return (prices_raw, rates, feeds, as_of)


@table("gold", write=Replace(), columns=[FEED])
def totals(prices):
    """One row per feed."""
    return prices


def test_a_table_is_called_what_its_function_is_called():
    assert (prices.name, prices.path, prices.layer) == ("prices", "silver/prices", "silver")
    assert prices.summary == "One row per price."


def test_it_reads_what_its_positional_parameters_name_and_the_others_are_settings():
    assert (prices.inputs, prices.parameters) == (("prices_raw", "rates"), ("feeds", "as_of"))


def test_bronze_reads_no_table():
    @table("bronze", write=Append(), columns=[FEED])
    def prices_raw(landed):
        """One row per record."""
        return landed

    assert prices_raw.inputs == ()


def test_one_name_alone_is_a_key_or_a_stream():
    assert (prices.key, prices.incremental) == (("feed",), ("prices_raw",))


def test_called_with_rows_it_is_the_function():
    assert prices("rows", "rates", feeds=("f",)) == ("rows", "rates", ("f",), None)


def test_its_columns_are_written_in_sql():
    assert prices.ddl == (
        "feed STRING NOT NULL COMMENT 'Shop', price DECIMAL(18,2) COMMENT 'Price (EUR)', "
        "at TIMESTAMP NOT NULL COMMENT 'When (UTC)'"
    )


def test_a_column_is_found_by_name():
    assert (prices.column("price"), prices.column("prize")) == (PRICE, None)


def test_what_is_required_is_expected_before_what_is_declared():
    assert prices.expectations == (
        Expectation("feed_present", "feed IS NOT NULL"),
        Expectation("at_present", "at IS NOT NULL"),
        Expectation("price_fair", "price < 100"),
        Expectation("price_cheap", "price < 10", Action.WARN),
    )


def test_bad_rows_of_silver_have_a_quarantine_beside_it():
    aside = prices.quarantine

    assert (aside.name, aside.path, aside.write) == ("prices_quarantine", "silver/prices_quarantine", Append())
    assert aside.columns == QUARANTINE_COLUMNS
    names = [column.name for column in QUARANTINE_COLUMNS]
    assert names == ["feed", "record_key", "raw", "reasons", "file", "line", "batch_id", "quarantined_at"]
    assert aside("rows") == "rows"


def test_gold_and_a_table_that_only_warns_have_no_quarantine():
    @table("silver", write=Replace(), columns=[PRICE], expectations=[warn("cheap", "price < 10")])
    def cheap(prices):
        """One row per price."""
        return prices

    assert (totals.quarantine, cheap.quarantine) == (None, None)


def test_a_history_is_judged_by_the_changes_it_is_made_from():
    @table("silver", key="feed", write=Scd2(effective_at="at"), change_columns=[FEED, AT], columns=[FEED, PRICE])
    def versions(prices_raw):
        """One row per version."""
        return prices_raw

    assert versions.output_columns == (FEED, AT)
    assert [rule.name for rule in versions.expectations] == ["feed_present", "at_present"]
    assert totals.output_columns == (FEED,)


def test_a_table_tells_of_which_table_each_of_its_rows_is_made():
    copies = table("gold", write=Replace(one_to_one_with="prices"), columns=[FEED])(totals.build)

    assert (copies.one_to_one_with, totals.one_to_one_with, prices.one_to_one_with) == ("prices", None, None)
