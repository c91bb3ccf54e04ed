import pytest

from shoplake.engine.ingest.sketch.stream_code import StreamSketch, pattern_of


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("till/orders_2026-04-05.csv", "till/orders_*.csv"),
        ("2026-03/b.csv.gz", "2026-03/b.csv"),
        ("report [2026].csv", "report ?*?.csv"),
        ("export_7.zip", "export_*.zip"),
        ("eBay-OrdersReport-Mar-31-2026-08_09_10-0700.csv", "eBay-OrdersReport-*.csv"),
        ("sales March 2026.csv", "sales *.csv"),
        ("01Dec2026_market.csv", "*_market.csv"),
    ],
)
def test_a_pattern_has_other_numbers_and_dates(name, pattern):
    assert pattern_of(name) == pattern


def test_the_cells_of_two_files_decide_together():
    march, april = ({"day": [text]} for text in ("03/04/2026", "13/04/2026"))
    first, second = (StreamSketch("*.csv", "csv", ("day",), columns=columns) for columns in (march, april))

    assert "  # " in first.code()
    assert first.merged_with(second).code() == (
        'Stream("*.csv", "csv", into="orders_raw", dates={"day": "%d/%m/%Y"}, fields=("day",))'
    )


def test_records_have_all_their_fields_and_how_a_mapping_parses_them():
    first, second = (StreamSketch("*.json", "json", records=({"id": 1, name: "01.03.26"},)) for name in ("at", "on"))

    assert first.merged_with(second).code() == (
        'Stream("*.json", "json", into="orders_raw", fields=("id", "at", "on"))  '
        '# json_record(raw, "id string, at string, on string"); '
        '"at" is %d.%m.%y; "on" is %d.%m.%y'
    )
