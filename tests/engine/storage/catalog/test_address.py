"""The address of a table in a catalog: nothing that needs a folder takes it for one."""

import pytest

from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.filesystem import filesystem_for
from shoplake.engine.storage.table_cache import load_table, open_table
from shoplake.engine.storage.upkeep.past_versions import version_files
from shoplake.errors import UnsupportedFeatureError

AT = CatalogAddress("main.silver.events", None)


@pytest.mark.parametrize("reads_files", [filesystem_for, load_table, open_table, lambda at: version_files(at, 0)])
def test_what_reads_files_refuses_a_name_in_a_catalog(reads_files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnsupportedFeatureError, match=r"files of 'main\.silver\.events' belong to its catalog"):
        reads_files(AT)

    assert list(tmp_path.iterdir()) == []


def test_an_address_is_its_name_and_is_quoted_in_sql():
    assert (f"{AT}", AT.sql) == ("main.silver.events", "`main`.`silver`.`events`")
