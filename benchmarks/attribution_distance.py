"""How far each attribution model is from the truth of a simulated shop, whose channels have known effects.

Example: `python benchmarks/attribution_distance.py --orders 6000`
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from report import Finding, save_result
from rich.console import Console

from shoplake import Lake
from shoplake.declare.catalog import Catalog
from shoplake.simulate.realistic import generate_realistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
NEEDED = ("attribution_daily",)
FEATURES = ("channels", "corrections", "identity")
CONFIG = """lake = "lake"

[feeds.shop]
kind = "zenith"
path = "landing"
timezone = "Europe/London"
currency = "GBP"
"""
UNPAID = ("direct", "(none)")
"""Channels that no marketing makes, so that nothing is due to them."""
Shares = dict[str, float]


@dataclass(frozen=True)
class Distance:
    """How far a model is from the truth: shares that are credited to the wrong channel, 0 to 1.

    `leads` compares the shares of all channels with those of the orders that each began, `incremental` those of the
    marketing channels with the orders that would not exist without them. `overstatement` is what the model credits to
    marketing over what it made.
    """

    model: str
    leads: float
    incremental: float
    overstatement: float


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return the total variation distance of two distributions, given as amounts: half the sum of the differences."""
    mine, theirs = sum(one.values()), sum(other.values())
    names = {*one, *other}
    return sum(abs(one.get(name, 0) / mine - other.get(name, 0) / theirs) for name in names) / 2


def measure_models(
    credits: Mapping[str, Mapping[str, float]], leads: Mapping[str, float], incremental: Mapping[str, float]
) -> list[Distance]:
    """Return the distance of each model, the nearest to the incremental orders first."""
    made = {name: amount for name, amount in incremental.items() if name not in UNPAID}
    rows = []
    for model, credited in credits.items():
        marketing = {name: amount for name, amount in credited.items() if name not in UNPAID}
        over = sum(marketing.values()) / sum(made.values())
        rows.append(Distance(model, distance(credited, leads), distance(marketing, made), over))
    return sorted(rows, key=lambda row: row.incremental)


def build(folder: Path, orders: int) -> Lake:
    """Simulate a shop in `folder`, and build what attribution needs of it."""
    generate_realistic(
        folder / "landing", orders=orders, customers=orders // 4, products=100, days=180, features=FEATURES
    )
    (folder / "shoplake.toml").write_text(CONFIG, encoding="utf-8")
    lake = Lake.open(folder / "shoplake.toml")
    wanted = {*NEEDED, *[table.name for table in lake.catalog.ordered if table.layer == "bronze"]}
    for table in reversed(lake.catalog.ordered):
        wanted |= set(table.inputs) if table.name in wanted else set()
    lake.catalog = Catalog([table for table in lake.catalog.ordered if table.name in wanted])
    lake.run()
    return lake


def read_credits(lake: Lake) -> dict[str, Shares]:
    """Return the revenue by model and channel."""
    rows = lake.sql(
        "SELECT model, channel, cast(sum(revenue) AS double) AS revenue FROM gold.attribution_daily "
        "WHERE currency = 'GBP' GROUP BY model, channel"
    ).collect()
    credits: dict[str, Shares] = {}
    for row in rows:
        credits.setdefault(row.model, {})[row.channel] = row.revenue
    return credits


def read_truth(lake: Lake, folder: Path) -> tuple[Shares, Shares]:
    """Return the revenue by channel that each led to, and the part that would not exist without it."""
    sources = lake.sql("SELECT DISTINCT source, medium, channel FROM gold.session_touches").to_arrow()
    with duckdb.connect() as connection:
        connection.register("sources", sources)
        rows = connection.execute(
            "SELECT channel, sum(revenue)::DOUBLE, sum(incremental_revenue)::DOUBLE FROM read_parquet(?) AS t "
            "JOIN sources AS s ON t.source IS NOT DISTINCT FROM s.source AND t.medium IS NOT DISTINCT FROM s.medium "
            "WHERE currency = 'GBP' GROUP BY channel",
            [str(folder / "landing" / "ground_truth" / "channels.parquet")],
        ).fetchall()
    return {name: leads for name, leads, _ in rows}, {name: made for name, _, made in rows}


def to_finding(rows: Sequence[Distance], orders: int) -> Finding:
    """Summarise the distances."""
    cells = [[row.model, f"{row.leads:.3f}", f"{row.incremental:.3f}", f"{row.overstatement:.2f}"] for row in rows]
    return Finding(
        f"How far is each attribution model from the truth? {orders:,} simulated orders",
        ["model", "from the leads", "from the incremental", "credited / incremental"],
        cells,
        "to know",
        "Distances are shares of the revenue that are credited to the wrong channel: from the channels that the orders "
        "began with, and, among marketing channels, from the orders that would not exist without them. The last column "
        "is what a model credits to marketing over what marketing made. No model of touches can see that: it takes an "
        "experiment.",
    )


def main() -> None:
    """Build, compare, print and save the distances."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=6_000)
    orders = parser.parse_args().orders
    with tempfile.TemporaryDirectory() as name:
        lake = build(Path(name), orders)
        rows = measure_models(read_credits(lake), *read_truth(lake, Path(name)))
    out = Console()
    for row in rows:
        out.print(row)
    figures = {"orders": orders, "distances": [asdict(row) for row in rows]}
    out.print(save_result("attribution_distance", to_finding(rows, orders), figures))


if __name__ == "__main__":
    main()
