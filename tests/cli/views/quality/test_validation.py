from io import StringIO

from rich.console import Console

from shoplake.cli.views.quality.validation import ValidationView
from shoplake.validation import TableValidation, Validation, Violation

BAD = Violation("amount_present", 3, "orders/a.json", 7, "x" * 200)


def printed(result):
    console = Console(file=StringIO(), width=300)
    ValidationView(result).render(console)
    return console.file.getvalue().splitlines()


def test_each_reason_has_an_example_that_is_cut_to_one_line():
    table = TableValidation("silver.payments", 10, 3, 0, (BAD, Violation("other", 1)))

    lines = printed(Validation(1, 13, (table,)))

    assert lines == [
        "silver.payments: 10 valid, 3 quarantined",
        "  amount_present: 3 rows",
        f"    orders/a.json:7  {'x' * 120}…",
        "  other: 1 row",
        "1 file, 13 records. Correct these before you ingest them.",
    ]


def test_rows_of_an_order_that_a_later_file_has_again_are_counted():
    table = TableValidation("silver.order_lines", 1, 0, 0, rows_superseded=2)

    assert printed(Validation(2, 3, (table,)))[1] == (
        "  2 rows replaced by later versions: an order is taken whole from the last file that has it; "
        "one that is split over files loses lines"
    )


def test_duplicates_that_say_something_else_are_named():
    table = TableValidation("silver.order_lines", 1, 0, 5, rows_conflicting=2)

    assert printed(Validation(1, 6, (table,)))[:2] == [
        "silver.order_lines: 1 valid, 0 quarantined, 5 duplicates",
        "  2 duplicates with other values: one line of each number counts, the others are lost; number each, "
        "and leave out those of empty cells",
    ]


def test_records_that_wait_for_another_file_are_counted():
    table = TableValidation("silver.order_lines", 0, 0, 0, rows_waiting=3)

    lines = printed(Validation(1, 3, (table,)))

    assert lines[1] == (
        "  3 records waiting: in no table until a file has the record that completes them, such as the order of an item"
    )
    assert lines[2] == "1 file, 3 records. Nothing would be quarantined."


def test_files_that_are_misread_or_unreadable_come_first():
    lines = printed(Validation(2, 1, (), ("a.csv has no header.",), ("b.gz (cut)",), ("orders_raw.x",)))

    assert lines[:3] == ["MISREAD a.csv has no header.", "UNREADABLE b.gz (cut)", "NEW FIELD orders_raw.x"]


def test_of_many_new_fields_the_first_are_printed_and_the_others_counted():
    lines = printed(Validation(1, 1, (), new_fields=tuple(f"orders_raw.f{n}" for n in range(22))))

    assert lines[19:21] == ["NEW FIELD orders_raw.f19", "… and 2 new fields more; --json has all of them"]


def test_a_file_that_no_stream_reads_has_to_be_renamed_or_left_out():
    result = Validation(1, 1, (), unmatched=("orders/a.txt",))

    assert printed(result)[0] == "UNMATCHED orders/a.txt: no stream reads it; rename it, or leave it out"
    assert ValidationView(result).to_json()["is_valid"] is False


def test_json_says_whether_all_is_valid():
    assert ValidationView(Validation(1, 1, ())).to_json()["is_valid"] is True


def test_a_column_that_a_file_has_twice_is_named_with_what_to_do():
    [line, _] = printed(Validation(1, 1, (), duplicate_columns=("a.csv has 2 columns 'total'",)))

    assert line.startswith("DUPLICATE COLUMN a.csv has 2 columns 'total': where their texts differ")


def test_a_field_that_no_file_has_and_an_option_that_may_be_missing_are_named():
    violation = Violation("total_fits_type", 1, "a.csv", 2, "1,x\n", "Declare numbers=…")
    table = TableValidation("silver.payments", 0, 1, 0, (violation,))

    lines = printed(Validation(1, 1, (table,), missing_fields=("orders_raw.totl",)))

    assert lines[0] == "MISSING FIELD orders_raw.totl: no file has it, it is null in every row"
    assert lines[3:5] == ["    a.csv:2  1,x", "    Declare numbers=…."]
