from shoplake.deploy.databricks.sql.statements import sql_file, use_schema


def test_a_file_says_what_it_is_and_ends_each_statement():
    assert sql_file("Views.", [*use_schema("gold"), "SELECT 1"]) == (
        "-- Views.\n\nUSE CATALOG IDENTIFIER(:catalog);\n\nUSE SCHEMA IDENTIFIER(:gold);\n\nSELECT 1;\n\n"
    )
