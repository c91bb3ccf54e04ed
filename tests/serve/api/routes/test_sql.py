import pytest

QUERY = "SELECT sum(net_sales) AS net FROM gold.sales_daily"


def ask(site, query, role="analyst", **options):
    return site.request("POST", "/v1/sql", role, json={"query": query, **options})


def test_a_query_is_answered(site):
    answer = ask(site, QUERY).json()

    assert answer["data"] == [{"net": "60.00"}]
    assert answer["meta"]["table"] == "gold.sales_daily"


def test_a_cut_result_says_so(site):
    answer = ask(site, "SELECT sales_date FROM gold.sales_daily ORDER BY 1", limit=2).json()

    assert (len(answer["data"]), answer["truncated"]) == (2, True)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT email FROM gold.customer_360", 422),
        ("DROP TABLE gold.sales_daily", 422),
        ("SELECT * FROM gold.sales_daly", 404),
        ("SELECT nothing FROM gold.sales_daily", 422),
        ("SELECT net_sales / 'x' FROM gold.sales_daily", 422),
    ],
)
def test_what_a_query_may_not_or_cannot_do_is_a_problem(site, query, status):
    assert ask(site, query).status_code == status


def test_a_query_of_personal_columns_is_audited_and_stored_nowhere(own_site):
    site = own_site()
    answer = ask(site, "SELECT email FROM gold.customer_360", "admin")

    assert answer.headers["cache-control"] == "no-store"
    assert [each.subject for each in site.gate.audit.read()] == ["gold.customer_360"]


def test_a_service_writes_no_sql(site):
    assert ask(site, QUERY, "service").status_code == 403


@pytest.mark.parametrize(("format", "status"), [("csv", 200), ("ndjson", 200), ("parquet", 422)])
def test_a_type_that_a_format_lacks_is_a_problem_and_no_failure(site, format, status):
    query = {"query": "SELECT INTERVAL 1 DAY AS lasts, '\\xff'::BLOB AS raw FROM gold.sales_daily"}

    assert site.request("POST", f"/v1/sql?format={format}", "analyst", json=query).status_code == status
