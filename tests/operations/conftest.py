from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sample_lake import House
from sample_tables import mark, price

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def filled(spark, tmp_path: Path) -> House:
    """A lake of sample tables after two runs of a file each, with a bad record in the first."""
    sample = House(spark, tmp_path)
    sample.drop("marks/a", mark("a"), mark("b", n=2), mark("c", n=0))
    sample.drop("prices/a", price("x", "1.00", "2026-03-01"))
    sample.run()
    sample.drop("marks/b", mark("d", "2026-03-02T09:00:00Z"))
    sample.run()
    return sample
