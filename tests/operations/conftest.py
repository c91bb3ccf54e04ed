from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sample_lake import SampleLake
from sample_tables import mark, price

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory: pytest.TempPathFactory) -> SampleLake:
    """A lake of sample tables after two runs, with a bad record in the first."""
    sample = SampleLake(spark, tmp_path_factory.mktemp("filled"))
    sample.drop("marks/a", mark("a"), mark("b", n=2), mark("c", n=0))
    sample.drop("prices/a", price("x", "1.00", "2026-03-01"))
    sample.run()
    sample.drop("marks/b", mark("d", "2026-03-02T09:00:00Z"))
    sample.run()
    return sample


@pytest.fixture
def filled(template: SampleLake, tmp_path: Path) -> SampleLake:
    """A copy of that lake and its landing folder."""
    return template.copy(tmp_path)
