"""Who answers for a table: the log in its folder, or SQL for its name in a catalog."""

import sys

import pytest

from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.catalog.catalog_log import CatalogLog
from shoplake.engine.storage.folder_log import FolderLog
from shoplake.engine.storage.table_log import file_paths, log_of, scanned_null_counts


class Answers:
    """A session whose queries have one answer each."""

    def __init__(self, **answers):
        self.answers, self.asked = answers, []

    def sql(self, query):
        self.asked.append(query)
        return self

    def collect(self):
        return [tuple(self.answers.values())]


@pytest.mark.parametrize(
    ("at", "log"), [("/lake/silver/marks", FolderLog), (CatalogAddress("main.silver.marks", None), CatalogLog)]
)
def test_a_folder_is_asked_by_its_log_and_a_name_by_sql(at, log):
    assert isinstance(log_of(at), log)


def test_a_table_in_a_catalog_is_counted_without_deltas_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "deltalake", None)
    session = Answers(count=3)

    counted = log_of(CatalogAddress("main.bronze.marks", session)).row_count("b'1")

    assert counted == 3
    assert session.asked == [r"SELECT count(*) FROM `main`.`bronze`.`marks` WHERE batch_id = 'b\'1'"]


def test_a_catalog_tells_no_files_and_has_counted_all_nulls():
    at = CatalogAddress("main.silver.marks", Answers())

    assert (file_paths(at), scanned_null_counts(at, ["email"]), at.session.asked) == ([], {}, [])
