from dataclasses import replace
from types import SimpleNamespace

import pytest
from sample_tables import marks

from shoplake.engine.state.state_store import Offset
from shoplake.engine.write.input_changes import InputChanges


def lines(raw, other):
    return raw


DECLARED = replace(marks, build=lines, incremental=("raw",))
CATALOG = {"raw": SimpleNamespace(name="raw"), "other": SimpleNamespace(name="other")}


@pytest.mark.parametrize(
    ("read", "has_changed"),
    [
        ({"raw": Offset(batch_id="b2"), "other": Offset(version=7)}, False),
        ({"raw": Offset(batch_id="b1"), "other": Offset(version=7)}, True),
        ({"raw": Offset(batch_id="b2"), "other": Offset(version=6)}, True),
        ({"raw": Offset(batch_id="b2")}, True),
    ],
    ids=["all is read", "a batch is not", "a version is not", "an input never was"],
)
def test_a_table_has_something_to_read_where_a_batch_or_a_version_of_an_input_is_new(read, has_changed):
    reader = SimpleNamespace(version=lambda table: {"raw": 9, "other": 7}[table.name])
    files = SimpleNamespace(latest_batch=lambda names: "b2")

    assert InputChanges(reader, CATALOG, DECLARED, read, files).has_changed() is has_changed
