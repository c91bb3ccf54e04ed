import os
import time

import pytest
from file_size import one_byte_files

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.operations.observe.prometheus import Metric, render_metrics, write_metrics

from .exposition import parse

METRICS = [
    Metric("shoplake_rows", "Rows of a table.", (({"table": "gold.rfm"}, 12), ({"table": 'a"b\\c\nd'}, 0.25))),
    Metric("shoplake_none", "Nothing.", ()),
    Metric("shoplake_last", "When.", (({}, 1.5e9),)),
]


def test_metrics_have_help_type_and_escaped_labels():
    text = render_metrics(METRICS)

    assert text.splitlines() == [
        "# HELP shoplake_rows Rows of a table.",
        "# TYPE shoplake_rows gauge",
        'shoplake_rows{table="gold.rfm"} 12',
        r'shoplake_rows{table="a\"b\\c\nd"} 0.25',
        "# HELP shoplake_last When.",
        "# TYPE shoplake_last gauge",
        "shoplake_last 1500000000",
    ]
    assert parse(text)["shoplake_rows", (("table", 'a"b\\c\nd'),)] == 0.25


def test_a_file_that_is_killed_while_it_is_written_has_the_old_text(tmp_path):
    path = tmp_path / "folder" / "shoplake.prom"
    write_metrics(path, "old\n")

    def die(name):
        if name == "before_publish_metrics":
            raise KeyboardInterrupt

    set_crash_hook(die)
    try:
        with pytest.raises(KeyboardInterrupt):
            write_metrics(path, "new\n")
    finally:
        set_crash_hook(None)

    assert path.read_text() == "old\n" and list(path.parent.glob("*.prom")) == [path]
    write_metrics(path, "new\n")
    assert [each.read_text() for each in path.parent.iterdir()] == ["new\n"]


def test_what_a_killed_process_left_is_removed_and_what_another_writes_stays(tmp_path):
    path = tmp_path / "shoplake.prom"
    for number, age_s in (("1", 3600), ("2", 0)):
        (hidden := tmp_path / f".shoplake.prom.{number}.tmp").touch()
        os.utime(hidden, (time.time() - age_s,) * 2)

    write_metrics(path, "new\n")

    assert sorted(each.name for each in tmp_path.iterdir()) == [".shoplake.prom.2.tmp", "shoplake.prom"]


def test_a_file_that_the_disk_does_not_take_leaves_nothing_beside_the_old_text(tmp_path):
    path = tmp_path / "shoplake.prom"
    write_metrics(path, "old\n")
    with one_byte_files():
        write_metrics(path, "new\n")

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("shoplake.prom", "old\n")]
