import pytest

from shoplake.declare import Stream
from shoplake.errors import DeclarationError

EVENTS, TOP = Stream("events/*.json", "json", into="events_raw"), Stream("*.csv", "csv", into="orders_raw")


@pytest.mark.parametrize("path", ["events/a.json", "events/a.json.gz", "events/a.json.zst", "events/.json"])
def test_a_stream_takes_the_files_of_its_pattern_compressed_or_not(path):
    assert EVENTS.matches(path)


@pytest.mark.parametrize(
    "path",
    ["events/deep/a.json", "a.json", "other/a.json", "events/a.csv", "events/a.json.tmp", "events/a.json.gz.part"],
)
def test_a_stream_takes_no_other_file(path):
    assert not EVENTS.matches(path)


@pytest.mark.parametrize("path", ["export_7.zip", "export_7.csv.zip"])
def test_the_pattern_of_a_stream_may_end_as_a_packed_file(path):
    assert Stream("export_*.zip", "csv", into="orders_raw").matches(path)
    assert not Stream("export_*.zip", "csv", into="orders_raw").matches("export_7.csv")


def test_a_stream_at_the_top_takes_no_file_of_a_folder_below():
    assert TOP.matches("a.csv")
    assert not TOP.matches("old/a.csv")


@pytest.mark.parametrize("path", ["events/a.json.zip", "events/a.json.gz", "events/a.json.zst"])
def test_a_text_stream_reads_packed_files(path):
    assert EVENTS.matches(path)


def test_an_excel_file_is_never_packed():
    assert not Stream("*.xlsx", "xlsx", "orders_raw").matches("a.xlsx.zip")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "cvs"}, "unknown format 'cvs'. Did you mean 'csv'?"),
        ({"format": "json", "delimiter": ";"}, "'delimiter' does not apply to json. It applies to csv."),
        (
            {"format": "parquet", "encoding": "cp1252"},
            "'encoding' does not apply to parquet.",
        ),
        ({"format": "csv", "nulls": "NULL"}, "nulls='NULL' is no tuple of texts. Write nulls=('NULL',), with a comma."),
        ({"format": "csv", "path": "$"}, "'path' does not apply to csv. It applies to json."),
        ({"format": "json", "path": "orders"}, "the path 'orders' is no JSON path. Write path='$.orders[*]'"),
        ({"format": "json", "pages": ("$", "orders")}, "pages has 'orders', which is no JSON path. Write pages=("),
        ({"format": "json", "pages": ("$",), "path": "$"}, "path and pages exclude each other."),
        ({"format": "csv", "delimiter": "||"}, "the delimiter '||' is not one character"),
        ({"format": "csv", "quote": ","}, "the quote ',' is not one character, or is the delimiter"),
        ({"format": "csv", "encoding": "latin-99"}, "unknown encoding 'latin-99'"),
        ({"format": "csv", "encoding": "base64"}, "unknown encoding 'base64'"),
        ({"format": "csv", "encoding": "idna"}, "unknown encoding 'idna'"),
        ({"format": "csv", "header": False, "fields": ()}, "files without a header need fields="),
        ({"format": "csv", "decimal": ";"}, "the decimal separator ';' is neither"),
        ({"format": "csv", "decimal": ","}, "decimal=',' needs numbers="),
        ({"format": "csv", "currency_symbol": "£"}, "currency_symbol=… needs numbers="),
        ({"format": "csv", "escape": '"'}, "escape '\"' is not one character, or is the delimiter or the quote."),
        ({"format": "csv", "zones": {"CEST": "+02:00"}}, "zones needs dates="),
        (
            {"format": "csv", "fields": ("at",), "dates": {"at": "%c %Z"}, "zones": {"CEST": "2"}},
            "zones has '2' for 'CEST', which is",
        ),
        ({"format": "csv", "skip": -1}, "skip=-1 is no number of lines"),
        ({"format": "csv", "numbers": ("prise",)}, "numbers names the field 'prise', which is not in fields. Did you"),
        ({"format": "csv", "dates": {"day": "%d"}}, "dates names the field 'day', which is not in fields."),
    ],
)
def test_options_that_cannot_work_are_an_error_that_says_what_to_write(options, message):
    with pytest.raises(DeclarationError) as error:
        Stream(**{"pattern": "*.x", "into": "orders_raw", "fields": ("price",)} | options)

    assert str(error.value).startswith(f"Stream '*.x': {message}")


def test_a_stream_is_rewritten_if_its_cells_change_on_the_way_to_bronze():
    streams = [Stream("*", "csv", "x", ("a",), **options) for options in ({}, {"header": False}, {"delimiter": ";"})]

    assert [stream.is_rewritten for stream in streams] == [False, False, True]
