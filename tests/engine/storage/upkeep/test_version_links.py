from datetime import date

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from shoplake.engine.storage.upkeep.version_links import link_version


def test_a_linked_version_is_a_table_with_its_partitions_and_nulls(tmp_path):
    at = str(tmp_path / "t")
    for number, (day, name) in enumerate([(date(2026, 3, 1), "a b=1"), (None, None), (date(2026, 3, 3), "c")]):
        rows = pa.table({"day": pa.array([day]), "name": pa.array([name], pa.string()), "n": [number]})
        write_deltalake(at, rows, mode="append", partition_by=["day", "name"])

    linked = DeltaTable(link_version(at, 1, tmp_path / "links"))

    rows = sorted(linked.to_pyarrow_table().to_pylist(), key=lambda row: row["n"])
    assert rows == [{"day": date(2026, 3, 1), "name": "a b=1", "n": 0}, {"day": None, "name": None, "n": 1}]
    assert linked.schema() == DeltaTable(at).schema()
