"""The folder of the store is deleted by somebody else."""

import gc
import shutil

import pytest

from shoplake.serve.errors import StoreDeletedError
from shoplake.serve.store.builder import build_store


def folder_of(lake):
    return lake.settings.serve.store_folder(lake.settings.lake)


def test_a_deleted_store_comes_back(lake):
    first = build_store(lake)
    shutil.rmtree(folder_of(lake))

    assert build_store(lake).pointer.id == first.pointer.id


@pytest.mark.parametrize("keeps_folder", [False, True])
def test_a_store_that_is_deleted_while_it_is_built_is_named_and_comes_back(lake, monkeypatch, keeps_folder):
    folder = folder_of(lake)

    def delete():
        shutil.rmtree(folder)
        if keeps_folder:
            folder.mkdir()
        return []

    with monkeypatch.context() as patch:
        patch.setattr(lake, "quarantine_examples", delete)
        with pytest.raises(StoreDeletedError, match=r"was deleted while it was built\. .* shoplake serve --refresh"):
            build_store(lake, lambda *_: None)

    gc.collect()  # what the end of the process closes
    assert "gold.sales_daily" in build_store(lake).tables
