from dataclasses import replace

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare import extend, unique
from shoplake.operations.quality_report.content import collect

PERSONAL = replace(marks, columns=tuple(replace(c, personal="id") if c.name == "n" else c for c in marks.columns))


@pytest.fixture(scope="module")
def sample(spark, tmp_path_factory):
    """A lake with a gate that fails, and records that violate rules; how many pieces is personal in one table."""
    catalog = CATALOG.replaced(PERSONAL).extended([], [extend("silver.marks", gates=[unique("who")])])
    sample = SampleLake(spark, tmp_path_factory.mktemp("report"), catalog=catalog)
    sample.drop("marks/1", mark("a"), mark("b", n=2), *[mark(f"bad{n}", n=-n) for n in range(1, 8)])
    sample.run(select=None)
    return sample


@pytest.fixture(scope="module")
def content(sample):
    tables = [sample.catalog["marks"], sample.catalog["latest"]]
    return collect(sample.engine, sample.catalog, sample.state, tables)
