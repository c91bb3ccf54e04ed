from datetime import UTC, datetime
from io import StringIO

from rich.console import Console

from shoplake.cli.views.quality.waiting import MAX_RECORDS, WaitingView

AT = datetime(2026, 3, 1, tzinfo=UTC)


def printed(view):
    console = Console(file=StringIO(), width=300)
    view.render(console)
    return console.file.getvalue()


def waiting(line, table="silver.order_lines", raw="3,1,milk,1.00\n"):
    return {"table": table, "feed": "shop", "file": "items.csv", "line": line, "ingested_at": AT, "raw": raw}


def test_each_table_has_a_line_for_each_record_that_waits():
    text = printed(WaitingView([waiting(4), waiting(None, "silver.refunds", "[bold]" + "x" * 200)]))

    assert text.splitlines()[:3] == [
        "silver.order_lines: 1 record waits for a record of another file",
        "  shop items.csv:4  3,1,milk,1.00",
        "silver.refunds: 1 record waits for a record of another file",
    ]
    assert text.splitlines()[3].startswith("  shop items.csv  [bold]xxx") and text.rstrip().endswith("x…")


def test_of_many_records_the_first_are_printed_and_all_are_json():
    view = WaitingView([waiting(line) for line in range(MAX_RECORDS + 3)])

    assert "and 3 more" in printed(view)
    assert (len(view.to_json()), view.to_json()[0]["ingested_at"]) == (MAX_RECORDS + 3, "2026-03-01T00:00:00+00:00")


def test_nothing_that_waits_is_a_sentence():
    assert printed(WaitingView([])) == "No record waits for another.\n"
