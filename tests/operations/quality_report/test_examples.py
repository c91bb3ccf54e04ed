from shoplake.operations.quality_report.examples import EXAMPLES


def examples(content, table):
    [row] = [row for row in content.quarantine if (row["table"], row["reason"]) == (table, "n_positive")]
    assert row["records"] == 7
    return row["examples"]


def test_examples_are_the_first_records_with_the_value_that_the_rule_is_about(content):
    found = examples(content, "silver.latest")

    assert len(found) == EXAMPLES
    assert found[0] == ('"-1"', "marks/1.json:3")


def test_of_a_personal_column_only_the_form_is_shown(content):
    assert examples(content, "silver.marks")[0] == ('"-9"', "marks/1.json:3")
