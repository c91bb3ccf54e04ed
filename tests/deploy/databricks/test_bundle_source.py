from pathlib import Path

import pytest

from shoplake.deploy.databricks.bundle_source import bundle_name


@pytest.mark.parametrize(
    ("folder", "name"),
    [("my-shop", "my_shop"), ("Tea & Co.", "tea_co"), ("2026", "shoplake"), ("bücher", "b_cher"), ("", "shoplake")],
)
def test_a_bundle_has_the_name_of_the_projects_folder(folder, name):
    assert bundle_name(Path("/srv") / folder if folder else Path("/")) == name
