import pytest
from reliability.lakes import with_read

from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.lake import Lake
from shoplake.settings import Settings
from tools.docs.sources import load_catalog

from .recipes import TABLES, recipe


@pytest.fixture(scope="session")
def catalog():
    return load_catalog()


@pytest.fixture
def shop(tmp_path):
    """A lake of a recipe, and a function that drops files into its folder."""

    def open_shop(name, folder="shop"):
        landing = tmp_path / folder / "landing"
        landing.mkdir(parents=True)
        feed = Feed("shop", recipe(name), str(landing), "Europe/London", "GBP")

        def drop(path, text, encoding="utf-8"):
            (landing / path).parent.mkdir(exist_ok=True)
            (landing / path).write_text(text, encoding)

        lake = Lake(Settings(str(tmp_path / folder / "lake"), (feed,)))
        lake.catalog = Catalog(with_read(lake.catalog, TABLES.get(name, ("order_lines",))))
        return lake, drop

    return open_shop
