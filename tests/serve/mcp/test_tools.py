from decimal import Decimal

from ..answers.small_shop import LAST


def error_of(result):
    assert result.is_error
    return result.content[0].text


def test_sales_are_those_of_the_shop_with_money_as_text_and_their_origin(assistant, generation):
    result = assistant.data("analyst", "sales", grain="total", currency="GBP")

    [row] = result["data"]
    [expected] = generation.query(
        "SELECT sum(net_sales) AS net FROM gold.sales_daily WHERE currency = 'GBP'"
    ).to_pylist()
    assert Decimal(row["net_sales"]) == expected["net"]
    assert result["meta"]["table"] == "gold.sales_daily" and result["meta"]["version"] == 3
    assert result["meta"]["units"]["net_sales"] == "currency" and result["truncated"] is False


def test_a_funnel_of_one_day_has_a_row_per_step(assistant):
    steps = assistant.data("analyst", "funnel", since=str(LAST), until=str(LAST))["data"]

    assert [row["step"] for row in steps][:2] == ["page_view", "product_view"]


def test_describe_lists_tables_and_defines_the_columns_of_one(assistant):
    assert "gold.sales_daily" in assistant.data("analyst", "describe")["tables"]

    described = assistant.data("analyst", "describe", table="gold.sales_daily")
    assert {"name": "orders", "unit": "orders"}.items() <= next(
        each for each in described["columns"] if each["name"] == "orders"
    ).items()
    assert "Did you mean 'gold.sales_daily'" in error_of(assistant.call("analyst", "describe", table="gold.sales_dail"))


def test_a_query_returns_its_rows_and_says_that_there_are_more(assistant):
    result = assistant.data("analyst", "query", sql="SELECT order_id FROM gold.order_values ORDER BY 1", limit=2)

    assert len(result["data"]) == 2 and result["truncated"] is True


def test_a_query_only_reads_tables(assistant):
    for sql in ("DROP TABLE gold.carts", "SELECT * FROM read_csv('/etc/passwd')", "SELECT 1; SELECT 2", "ATTACH 'x'"):
        assert error_of(assistant.call("admin", "query", sql=sql))


def test_a_role_without_sql_may_not_query(assistant):
    message = error_of(assistant.call("service", "query", sql="SELECT 1"))

    assert "The role 'service' may not use the tool 'query'" in message


def test_one_customer_is_shown_only_to_who_may_see_personal_data_and_that_is_audited(assistant, generation):
    [row] = generation.query("SELECT min(customer_id) AS id FROM gold.customer_360").to_pylist()

    refused = error_of(assistant.call("analyst", "customer", customer=row["id"]))
    shown = assistant.data("service", "customer", customer=row["id"])

    assert "may not use the tool 'customer'" in refused
    assert shown["data"][0]["customer_id"] == row["id"]
    lookup = assistant.app.state.gate.audit.read()[-1]
    assert (lookup.role, lookup.subject) == ("service", f"customer/{row['id']}")


def test_wrong_arguments_are_errors_that_say_what_is_wrong(assistant):
    assert "grain" in error_of(assistant.call("analyst", "sales", grain="year"))
    assert "Unknown feed" in error_of(assistant.call("analyst", "funnel", feed="none"))


def test_queries_of_personal_columns_are_audited(assistant):
    assistant.data("admin", "query", sql="SELECT email FROM silver.customers")

    assert assistant.app.state.gate.audit.read()[-1].subject == "silver.customers"


def test_an_unknown_argument_is_an_error_and_no_answer_about_all_days(assistant):
    assert "start_date" in error_of(assistant.call("analyst", "sales", start_date="2026-04-01"))


def test_a_day_that_is_out_of_range_is_named_as_such(assistant):
    late = assistant.call("analyst", "sales", since="9999-12-30", until="9999-12-31")
    queried = assistant.call("analyst", "query", sql="SELECT TIMESTAMP '20000-01-01' AS at")

    assert "A value is out of range." in error_of(late) and "A value is out of range." in error_of(queried)
