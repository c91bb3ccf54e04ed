from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .small_lake import CUSTOMERS, PRODUCTS, SALES, SmallLake, product, sale

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lake(tmp_path: Path) -> SmallLake:
    """A lake of three tables after its first run."""
    lake = SmallLake(tmp_path / "lake")
    customers = [{"customer_id": "C1", "email": "ann@example.org"}]
    lake.run({SALES: [sale(1), sale(2, None)], PRODUCTS: [product('=HYPERLINK("x")')], CUSTOMERS: customers})
    return lake


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> SmallLake:
    """The same, for tests that only read it."""
    lake = SmallLake(tmp_path_factory.mktemp("small") / "lake")
    customers = [{"customer_id": "C1", "email": "ann@example.org"}]
    lake.run({SALES: [sale(1), sale(2, None)], PRODUCTS: [product('=HYPERLINK("x")')], CUSTOMERS: customers})
    return lake
