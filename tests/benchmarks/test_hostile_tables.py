"""Every gold table of shops in which records have hostile values, row for row against the hand-written DuckDB SQL.

Currencies are left as they are: where no amount of a sum has a known rate, the SQL says 0 and the tables null. Numbers
are less than a million, as DuckDB multiplies decimals of 18 digits.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest
from peer import GOLD, build_gold, differences
from reliability.arrivals.test_hostile_kinds import SHOPS
from reliability.arrivals.test_hostile_values import hostile, mangle_line
from reliability.lakes import listed, raw_files

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.simulate.realistic import generate_realistic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow
FILES, COUNT, MOST = 6, 150, 1_000_000
PLACES = {"zenith": ("Asia/Kathmandu", "GBP"), "woocommerce": ("America/Sao_Paulo", "EUR")}
"""By kind: the zone and the currency of the shop."""


class Shop(NamedTuple):
    lake: Path
    out: Path
    connection: duckdb.DuckDBPyConnection


def mangle(value: Any, chance: random.Random, name: str = "") -> Any:
    """A JSON value with hostile ones at some of its places, but no other currencies."""
    if isinstance(value, list):
        return [mangle(each, chance) for each in value]
    if isinstance(value, dict):
        return {name: mangle(each, chance, name) for name, each in value.items()}
    if "currency" in name or chance.random() >= 0.01:
        return value
    other = hostile(value, chance)
    return value if isinstance(other, int | float) and abs(other) > MOST else other


def write_files(kind: str, landing: Path) -> None:
    """Write the files of a shop of a kind."""
    if kind == "zenith":
        generate_realistic(landing, orders=900, customers=250, products=50, days=92, seed=1, error_rate=0.01)
        return
    name, text, _ = SHOPS[kind]
    for at in range(FILES):
        path = landing / name.format(at)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(range(at * COUNT, (at + 1) * COUNT)), encoding="utf-8")


def mangle_records(file: Path, chance: random.Random) -> None:
    """Give the JSON lines of a file hostile values."""
    lines = file.read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    mangled = [mangle_line(line, chance, mangle) for line in lines]
    file.write_text("\n".join(mangled), encoding="utf-8", errors="surrogateescape")


@pytest.fixture(scope="module", params=PLACES)
def shop(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A lake of a shop with hostile values, and the gold tables that the SQL makes of its silver tables."""
    folder, chance, (timezone, currency) = tmp_path_factory.mktemp("shop"), random.Random(1), PLACES[request.param]
    write_files(request.param, folder / "landing")
    for file in raw_files(folder / "landing"):
        if file.suffix == ".json":
            mangle_records(file, chance)
    feed = Feed("shop", KINDS[request.param], str(folder / "landing"), timezone, currency)
    Lake(Settings(lake=str(folder / "lake"), feeds=(feed,))).run()
    with duckdb.connect() as connection:
        build_gold(connection, folder / "lake", folder / "out", timezone=timezone, currency=currency)
        yield Shop(folder / "lake", folder / "out", connection)


@pytest.mark.parametrize("table", GOLD)
def test_every_row_of_a_table_is_that_of_the_hand_written_sql(shop: Shop, table: str):
    assert differences(shop.connection, shop.lake, shop.out, table) == []


def test_records_are_quarantined_and_others_sold(shop: Shop):
    assert listed(shop.lake, "silver/order_lines_quarantine")
    assert listed(shop.lake, "gold/order_values")
