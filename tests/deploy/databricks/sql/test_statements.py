from shoplake.deploy.databricks.sql.statements import literal, sql_file, use_schema


def test_quotes_and_backslashes_in_a_text_stay_in_it():
    assert literal("it's a \\d") == "'it\\'s a \\\\d'"


def test_a_file_says_what_it_is_and_ends_each_statement():
    assert sql_file("Views.", [use_schema("gold"), "SELECT 1"]) == (
        "-- Views.\n\nUSE SCHEMA IDENTIFIER(:catalog || '.' || :gold);\n\nSELECT 1;\n\n"
    )
