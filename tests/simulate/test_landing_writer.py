import json
from datetime import date

import pyarrow as pa

from shoplake.simulate.landing_writer import LandingWriter

DAY = date(2026, 3, 1)


def test_files_are_named_by_stream_and_day_and_counted(tmp_path):
    writer = LandingWriter(tmp_path)
    writer.write_lines("events", DAY, pa.array(["{}\n", "{}\n"]))
    writer.write_lines("events", DAY, pa.array(["{}\n"]), part=7)
    writer.write_lines("customers", DAY, pa.array(["1\n"]), header="id\n")
    writer.write_table("products", DAY, pa.table({"a": [1, 2, 3]}))

    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert names == {
        *("events/events-2026-03-01.json", "events/events-2026-03-01-007.json"),
        *("customers/customers-2026-03-01.csv", "products/products-2026-03-01.parquet"),
    }
    assert (writer.files["events"], writer.lines["events"]) == (2, 3)
    assert (writer.lines["customers"], writer.lines["products"]) == (1, 3)


def test_no_lines_are_no_file(tmp_path):
    LandingWriter(tmp_path).write_lines("events", DAY, pa.array([], pa.string()))

    assert list(tmp_path.iterdir()) == []


def test_the_ground_truth_is_beside_the_streams(tmp_path):
    LandingWriter(tmp_path).write_ground_truth({"events": 3})

    assert json.loads((tmp_path / "ground_truth.json").read_text()) == {"events": 3}
