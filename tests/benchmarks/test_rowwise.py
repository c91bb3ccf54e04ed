import duckdb
import pytest
from peer import rowwise

ROWS = "(VALUES ('a', 1.00::DECIMAL(18, 2), 0.5::DOUBLE), ('b', 2.00, 1.5)) AS t(name, amount, share)"


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def compare(connection, other, table="gold.any"):
    return rowwise.compare(connection, table, f"(FROM {ROWS})", other)


def test_equal_rows_in_another_order_are_equal(connection):
    assert compare(connection, f"(FROM {ROWS} ORDER BY name DESC)") == []


def test_a_cent_is_a_difference(connection):
    [text] = compare(
        connection,
        f"(SELECT * REPLACE (amount + 0.01 AS amount) FROM {ROWS} WHERE name = 'a' "
        f"UNION ALL FROM {ROWS} WHERE name = 'b')",
    )

    assert "amount is Decimal('1.00') and Decimal('1.01')" in text


def test_a_missing_row_is_a_difference(connection):
    [text] = compare(connection, f"(FROM {ROWS} WHERE name = 'a')")

    assert "1 and 0 rows are on one side only" in text


def test_a_repeated_row_is_a_difference(connection):
    assert compare(connection, f"(FROM {ROWS} UNION ALL FROM {ROWS} WHERE name = 'a')") != []


def test_the_last_digits_of_a_float_are_no_difference(connection):
    assert compare(connection, f"(SELECT * REPLACE (share + 1e-9 AS share) FROM {ROWS})") == []


def test_a_thousandth_of_a_float_is_a_difference(connection):
    assert len(compare(connection, f"(SELECT * REPLACE (share + 1e-3 AS share) FROM {ROWS})")) == 2


def test_a_missing_column_is_named(connection):
    assert compare(connection, f"(SELECT * EXCLUDE (amount) FROM {ROWS})") == ["gold.any has no column amount"]
