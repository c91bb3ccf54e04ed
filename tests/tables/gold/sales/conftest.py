from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .shop import FILES, PRODUCTS, new_lake, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop's lake after one run of all files."""
    folder = tmp_path_factory.mktemp("shop")
    write(folder / "landing", *PRODUCTS, *FILES)
    new_lake(folder).run()
    return folder
