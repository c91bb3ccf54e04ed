from shoplake.declare import col


def test_a_column_says_its_type_its_meaning_and_its_unit_in_sql():
    amount = col("amount", "decimal(18,2)", "Paid", unit="EUR", required=True)

    assert amount.ddl == "amount DECIMAL(18,2) NOT NULL COMMENT 'Paid (EUR)'"
    assert amount.meaning == "Paid (EUR)"


def test_a_column_without_unit_that_may_be_missing_says_less():
    assert col("name", "string", "Its name").ddl == "name STRING COMMENT 'Its name'"


def test_an_apostrophe_in_a_meaning_does_not_end_the_text():
    assert col("day", "date", "The shop's day").ddl == "day DATE COMMENT 'The shop''s day'"


def test_equal_columns_are_equal_values():
    assert col("a", "int", "A", unit="pieces") == col("a", "int", "A", unit="pieces")
    assert len({col("a", "int", "A"), col("a", "int", "A"), col("a", "bigint", "A")}) == 2


def test_names_within_a_type_keep_their_case_in_sql():
    assert col("a", "array<struct<id:string>>", "Some").ddl == "a array<struct<id:string>> COMMENT 'Some'"
