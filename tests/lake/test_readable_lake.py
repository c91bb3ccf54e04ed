import pytest

from shoplake import Lake
from shoplake.errors import TableNotFoundError

SETTINGS = '[feeds.shop]\nkind = "zenith"\npath = "landing"\ntimezone = "Europe/London"\ncurrency = "GBP"\n'


@pytest.fixture
def empty(tmp_path):
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    (tmp_path / "landing").mkdir()
    return Lake.open(tmp_path / "shoplake.toml")


@pytest.mark.parametrize(
    "ask",
    [
        lambda lake: lake.table("gold.sales_daily"),
        lambda lake: lake.sql("SELECT * FROM gold.sales_daily"),
        lambda lake: lake.quality(),
        lambda lake: lake.verify(),
        lambda lake: lake.explain("gold.sales_daily"),
    ],
    ids=["table", "sql", "quality", "verify", "explain"],
)
def test_where_nothing_ran_yet_every_question_says_how_to_fill_the_lake(empty, ask):
    with pytest.raises(TableNotFoundError, match=r"Table '\w+\.\w+' does not exist in .*\. Create it: shoplake run"):
        ask(empty)
