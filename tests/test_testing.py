import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shoplake import testing
from shoplake.testing import find_settings, open_lake

SETTINGS = '[feeds.stall]\nkind = "zenith"\npath = "landing"\n'
pytestmark = pytest.mark.usefixtures("fewest")


@pytest.fixture
def project(tmp_path, shoplake_init):
    """The folder of a new project."""
    return shoplake_init(tmp_path / "my-shop")


@pytest.fixture
def shoplake_init():
    def init(folder):
        words = ["-m", "shoplake", "init", str(folder)]
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        return folder

    return init


def test_the_nearest_settings_above_a_test_are_found(tmp_path):
    (tmp_path / "shoplake.toml").touch()

    assert find_settings(tmp_path / "tests" / "unit" / "test_a.py") == tmp_path / "shoplake.toml"
    assert find_settings(Path("/test_a.py")) is None


def test_a_lake_has_the_projects_feeds_in_a_folder_of_its_own(tmp_path):
    (tmp_path / "shoplake.toml").write_text(SETTINGS)
    (tmp_path / "run").mkdir()

    lake = open_lake(tmp_path / "tests" / "test_a.py", tmp_path / "run")

    [feed] = lake.settings.feeds
    assert (feed.name, feed.path) == ("stall", str(tmp_path / "run" / "landing" / "stall"))
    assert lake.run().files == 0


def test_rows_of_a_table_are_made_of_plain_values(some_rows):
    given = {"order_id": "1", "unit_price": 0.5, "ordered_at": "2026-03-01 09:00", "order_date": "2026-03-01"}

    [row] = some_rows("silver.order_lines", given).collect()

    assert (row.order_id, row.unit_price, row.product_id) == ("1", Decimal("0.5000"), None)
    assert row.ordered_at.replace(tzinfo=UTC) == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert str(row.order_date) == "2026-03-01"


def test_a_column_that_a_table_does_not_have_is_an_error(some_rows):
    with pytest.raises(KeyError, match=r"silver\.events has no column colour, size\."):
        some_rows("events", {"colour": "red"}, {"size": 1})


@pytest.fixture
def some_rows(request):
    """The plugin's `some`; the tests of shoplake have one of their own."""
    return testing.some.__wrapped__(request)


@pytest.mark.slow
def test_a_new_projects_own_tests_pass(project):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(project)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
