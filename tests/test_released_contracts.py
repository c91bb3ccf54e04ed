"""The released contracts of the gold tables, which later versions keep."""

from dataclasses import replace
from pathlib import Path

import pytest

from shoplake import tables
from shoplake.declare.catalog import Catalog
from tools.contracts import VersionNotRaisedError, broken_contracts, read_contracts, release_contracts

CATALOG = Catalog.from_package(tables)
SALES = CATALOG["sales_daily"]
RELEASED = read_contracts(Path(__file__).parents[1] / "contracts")


def without(name):
    return CATALOG.replaced(replace(SALES, columns=tuple(each for each in SALES.columns if each.name != name)))


def test_every_gold_table_has_a_released_contract():
    """A new table: `python -m tools.contracts release` writes its contract."""
    assert {each.qualified_name for each in CATALOG.values() if each.layer == "gold"} - set(RELEASED) == set()


def test_the_tables_keep_their_released_contracts():
    """What it lists breaks readers. Undo it, or raise the version and run `python -m tools.contracts release`."""
    assert list(broken_contracts(RELEASED, CATALOG)) == []


def test_a_column_or_a_table_that_is_gone_breaks_them():
    rest = Catalog(each for each in CATALOG.values() if each.layer != "gold")

    assert list(broken_contracts(RELEASED, without("tax"))) == ["gold.sales_daily: column tax is gone"]
    assert "gold.sales_daily: the table is gone" in broken_contracts(RELEASED, rest)


@pytest.mark.parametrize(
    ("released", "kept", "raised"),
    [("0.1.0", "0.1.9", "0.2.0"), ("1.2.0", "1.3.0", "2.0.0"), ("0.9.0", "0.9.1", "1.0.0")],
)
def test_a_breaking_change_is_released_with_a_version_that_says_so(released, kept, raised, tmp_path):
    release_contracts(tmp_path, CATALOG, released)

    with pytest.raises(VersionNotRaisedError, match=r"column tax is gone\nVersion .* Raise it to"):
        release_contracts(tmp_path, without("tax"), kept)
    release_contracts(tmp_path, without("tax"), raised)

    assert {each["version"] for each in read_contracts(tmp_path).values()} == {raised}


def test_a_released_contract_is_that_of_the_table_now_when_it_is_written(tmp_path):
    release_contracts(tmp_path, CATALOG, "0.1.0")

    assert list(broken_contracts(read_contracts(tmp_path), CATALOG)) == []
