import pytest

from shoplake.engine.query.sql import qualify_tables, referenced_tables, ungrouped_column
from shoplake.errors import QueryNotAllowedError

KNOWN = {"silver.events", "silver.order_lines", "gold.sales_daily"}
BOTH = {"silver.events", "gold.sales_daily"}


def refused(query):
    with pytest.raises(QueryNotAllowedError) as error:
        referenced_tables(query, KNOWN)
    return str(error.value)


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("SELECT * FROM silver.events", {"silver.events"}),
        ("select * from SILVER.Events", {"silver.events"}),
        ("SELECT * FROM `silver`.`events` AS e;", {"silver.events"}),
        ("(SELECT feed FROM silver.events)", {"silver.events"}),
        ("SELECT 1", set()),
        ("SELECT * FROM range(3)", set()),
        ("SELECT explode(array(1, 2))", set()),
        ("SELECT * FROM silver.events LATERAL VIEW explode(array(1, 2)) t AS n", {"silver.events"}),
        ("SELECT * FROM VALUES (1), (2) t(n)", set()),
        (
            "SELECT feed FROM silver.events UNION SELECT feed FROM gold.sales_daily",
            {"silver.events", "gold.sales_daily"},
        ),
        (
            "SELECT * FROM silver.events WHERE feed IN (SELECT feed FROM gold.sales_daily)",
            {*KNOWN} - {"silver.order_lines"},
        ),
        ("SELECT (SELECT max(sales_date) FROM gold.sales_daily)", {"gold.sales_daily"}),
        ("SELECT 'DROP TABLE silver.events' AS text -- ; DELETE", set()),
        ("SELECT 'DROP; TABLE' FROM silver.events", {"silver.events"}),
    ],
)
def test_a_question_is_answered_with_the_tables_it_reads(query, tables):
    assert referenced_tables(query, KNOWN) == tables


def test_a_common_table_expression_is_a_name_of_its_own():
    query = "WITH days AS (SELECT * FROM gold.sales_daily), best AS (SELECT * FROM Days) SELECT * FROM BEST"

    assert referenced_tables(query, KNOWN) == {"gold.sales_daily"}


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE silver.events",
        "CREATE TABLE silver.events AS SELECT 1",
        "CREATE VIEW v AS SELECT * FROM silver.events",
        "CREATE FUNCTION f AS 'x'",
        "ALTER TABLE silver.events ADD COLUMN x int",
        "TRUNCATE TABLE silver.events",
        "INSERT INTO silver.events SELECT * FROM silver.events",
        "INSERT OVERWRITE silver.events SELECT * FROM silver.events",
        "INSERT OVERWRITE DIRECTORY '/tmp/x' SELECT * FROM silver.events",
        "DELETE FROM silver.events",
        "UPDATE silver.events SET feed = 'x'",
        "MERGE INTO silver.events USING gold.sales_daily ON true WHEN MATCHED THEN DELETE",
        "COPY INTO silver.events FROM '/x'",
        "LOAD DATA INPATH '/x' INTO TABLE silver.events",
        "SET spark.sql.session.timeZone = 'UTC'",
        "USE silver",
        "SHOW TABLES",
        "DESCRIBE silver.events",
        "EXPLAIN SELECT 1",
        "CACHE TABLE silver.events",
        "REFRESH TABLE silver.events",
        "OPTIMIZE silver.events",
        "VACUUM silver.events",
        "CALL x()",
        "ADD JAR '/x'",
        "GRANT SELECT ON silver.events TO ann",
        "EXECUTE IMMEDIATE 'DROP TABLE silver.events'",
        "WITH x AS (DELETE FROM silver.events) SELECT * FROM x",
        "VALUES (1)",
    ],
)
def test_whatever_is_no_question_is_refused(statement):
    assert refused(statement).startswith("Only SELECT queries are allowed")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM events",
        "SELECT * FROM ops.table_runs",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM spark_catalog.silver.events",
        "SELECT * FROM silver.events.history",
        "SELECT * FROM csv.`/etc/passwd`",
        "SELECT * FROM parquet.`s3://bucket/x`",
        "SELECT * FROM delta.`/srv/lake/silver/events`",
        "SELECT * FROM `/etc/passwd`",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM silver.events JOIN csv.`/etc/passwd` ON true",
        "SELECT * FROM silver.events WHERE feed IN (SELECT value FROM text.`/etc/passwd`)",
        "SELECT (SELECT max(value) FROM text.`/etc/passwd`)",
        "WITH x AS (SELECT * FROM text.`/etc/passwd`) SELECT * FROM x",
        "SELECT * FROM silver.events, LATERAL (SELECT * FROM text.`/etc/passwd`)",
    ],
)
def test_other_tables_schemas_and_files_are_refused(query):
    assert refused(query).startswith("Unknown table ")


def test_a_name_that_is_nearly_right_is_guessed():
    assert refused("SELECT * FROM silver.evnts") == "Unknown table 'silver.evnts'. Did you mean 'silver.events'?"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_parquet('/x')",
        "SELECT * FROM read_csv('/x')",
        "SELECT * FROM IDENTIFIER('csv.`/etc/passwd`')",
        "SELECT * FROM read_files('/x')",
        "SELECT * FROM LATERAL read_files('/x')",
        "SELECT reflect('java.lang.System', 'exit', 0)",
        "SELECT java_method('java.lang.System', 'exit', 0)",
        "SELECT `Reflect`('java.lang.System', 'exit', 0)",
        "SELECT input_file_name() FROM silver.events",
    ],
)
def test_functions_that_reach_outside_the_lake_are_refused(query):
    assert refused(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM silver.events, LATERAL read_csv('/etc/passwd')",
        "SELECT * FROM silver.events LATERAL VIEW read_csv('/etc/passwd') t",
    ],
)
def test_a_table_function_beside_a_table_is_refused_like_one_alone(query):
    assert refused(query)


@pytest.mark.parametrize(
    "query",
    [
        "WITH `csv./etc/passwd` AS (SELECT 1) SELECT * FROM csv.`/etc/passwd`",
        "WITH `ops.table_runs` AS (SELECT 1) SELECT * FROM ops.table_runs",
        "SELECT * FROM (WITH runs AS (SELECT 1) SELECT * FROM runs) x JOIN runs",
    ],
)
def test_a_common_table_expression_opens_no_door_to_a_table_of_another_place(query):
    assert refused(query)


def test_a_query_that_hands_rows_to_a_program_is_refused():
    assert refused("SELECT TRANSFORM(feed) USING 'cat /etc/passwd' AS (line) FROM silver.events")


@pytest.mark.parametrize("query", ["SELECT 1; SELECT 2", "SELECT 1; DROP TABLE x"])
def test_it_is_one_question_at_a_time(query):
    assert refused(query).startswith("Write one query at a time")


@pytest.mark.parametrize("query", ["", " ", ";", "-- nothing"])
def test_an_empty_query_is_refused_as_such(query):
    assert refused(query) == "The query is empty. Write SELECT … FROM layer.table."


@pytest.mark.parametrize("query", ["SELECT * FROM", "SELECT 1 WHERE", "SELECT 'open", "SELECT (", "FROM FROM"])
def test_what_is_no_sql_is_refused(query):
    assert refused(query)


PLACES = {"silver.events": "delta.`/lake/silver/events`", "gold.sales_daily": "`main`.`gold`.`sales_daily`"}


@pytest.mark.parametrize(
    ("query", "output"),
    [
        ("SELECT * FROM silver.events", "SELECT * FROM {events} AS `events`"),
        ("SELECT e.n FROM Silver.`Events` e -- silver.events", "SELECT e.n FROM {events} e -- silver.events"),
        ("SELECT silver.events.n FROM silver.events", "SELECT events.n FROM {events} AS `events`"),
        ("SELECT 'gold.sales_daily' FROM gold.sales_daily s", "SELECT 'gold.sales_daily' FROM {sales} s"),
        ("WITH events AS (SELECT 1) SELECT * FROM events", "WITH events AS (SELECT 1) SELECT * FROM events"),
        ("SELECT * FROM silver.events TABLESAMPLE (5 ROWS)", "SELECT * FROM {events} TABLESAMPLE (5 ROWS)"),
        ("FROM gold.sales_daily JOIN silver.events USING (feed)", None),
    ],
)
def test_a_query_names_places_for_tables_and_else_stays_as_it_was_typed(query, output):
    events, sales = PLACES.values()
    wanted = output or "FROM {sales} AS `sales_daily` JOIN {events} AS `events` USING (feed)"

    assert qualify_tables(query, PLACES) == wanted.format(events=events, sales=sales)


@pytest.mark.parametrize(
    ("statement", "command"),
    [
        ("SHOW TABLES", "shoplake tables"),
        ("show tables;", "shoplake tables"),
        ("DESCRIBE silver.events", "shoplake describe"),
        ("DESC silver.events", "shoplake describe"),
    ],
)
def test_what_lists_or_describes_tables_is_answered_with_the_command_for_it(statement, command, caplog, capsys):
    assert command in refused(statement)
    assert (caplog.records, *capsys.readouterr()) == ([], "", "")


def test_of_many_tables_that_are_not_near_ten_are_named():
    many = {f"gold.t{number:02}" for number in range(30)}

    with pytest.raises(QueryNotAllowedError, match=r"There are: gold\.t00, .*, gold\.t09 and 20 more\.$"):
        referenced_tables("SELECT * FROM zzzzzzzzzz", many)


@pytest.mark.parametrize("query", ["SELECT 1 +", "SELECT * FROM silver.events WHERE (n = 1"])
def test_a_syntax_error_says_where_it_is(query):
    assert refused(query).startswith("Syntax error")


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("SELECT feed, sum(n) FROM t", "feed"),
        ("SELECT t.day, feed, sum(n) FROM t GROUP BY feed", "t.day"),
        ("SELECT upper(feed), count(*) FROM t GROUP BY day", "feed"),
        ("SELECT feed, sum(n) FROM t GROUP BY feed", None),
        ("SELECT t.feed, sum(n) FROM t GROUP BY feed", None),
        ("SELECT feed AS f, sum(n) FROM t GROUP BY f", None),
        ("SELECT upper(feed), sum(n) FROM t GROUP BY 1", None),
        ("SELECT feed, n FROM t", None),
        ("SELECT feed, sum(n) OVER (PARTITION BY day) FROM t", None),
        ("SELECT max(day) FROM (SELECT day, count(*) FROM t GROUP BY day)", None),
    ],
)
def test_a_selected_column_that_group_by_lacks_is_named(query, column):
    assert ungrouped_column(query) == column
