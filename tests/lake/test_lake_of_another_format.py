import threading
from pathlib import Path

import pytest

from shoplake import Lake
from shoplake.errors import IncompatibleLakeError
from shoplake.settings import Settings

COMMANDS = ["run", "sql", "table", "verify", "history", "quality", "maintain", "watch", "explain"]


@pytest.fixture
def empty(tmp_path):
    return Lake(Settings(lake=str(tmp_path / "lake"), feeds=()))


@pytest.mark.parametrize("legacy", ["ops/runs", "ops/progress"])
@pytest.mark.parametrize(
    "name", ["run", "sql", "table", "verify", "history", "quality", "maintain", "watch", "explain"]
)
def test_a_lake_of_an_earlier_version_is_refused_by_everything_in_one_line(empty, legacy, name):
    log = Path(empty.settings.lake, legacy, "_delta_log")
    log.mkdir(parents=True)
    arguments = {"sql": ["SELECT * FROM gold.sales_daily"], "watch": [threading.Event()]}
    arguments |= {name: ["gold.sales_daily"] for name in ("table", "history", "explain")}

    with pytest.raises(IncompatibleLakeError, match=r"no format number\. Set lake .* run --full-refresh$"):
        use(getattr(empty, name)(*arguments.get(name, ())))
    assert [path.name for path in Path(empty.settings.lake).iterdir()] == ["ops"]


def use(result):
    """Enter a context, or take the first of an iterator, so that it begins."""
    if hasattr(result, "__enter__"):
        result.__enter__()
    elif hasattr(result, "__next__"):
        next(result)
