import json
from datetime import date

import pyarrow as pa

from shoplake.simulate.landing_writer import Drop

DAY = date(2026, 3, 1)


def test_files_are_named_by_stream_and_day_and_counted(tmp_path):
    drop = Drop(tmp_path)
    drop.text("events", DAY, pa.array(["{}\n", "{}\n"]))
    drop.text("events", DAY, pa.array(["{}\n"]), part=7)
    drop.text("customers", DAY, pa.array(["1\n"]), header="id\n")
    drop.table("products", DAY, pa.table({"a": [1, 2, 3]}))

    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert names == {
        *("events/events-2026-03-01.json", "events/events-2026-03-01-007.json"),
        *("customers/customers-2026-03-01.csv", "products/products-2026-03-01.parquet"),
    }
    assert (drop.files["events"], drop.lines["events"]) == (2, 3)
    assert (drop.lines["customers"], drop.lines["products"]) == (1, 3)


def test_no_lines_are_no_file(tmp_path):
    Drop(tmp_path).text("events", DAY, pa.array([], pa.string()))

    assert list(tmp_path.iterdir()) == []


def test_the_truth_lies_beside_the_streams(tmp_path):
    Drop(tmp_path).truth({"events": 3})

    assert json.loads((tmp_path / "truth.json").read_text()) == {"events": 3}
