"""Lines and payments of random Shopify bodies are those that plain Python reads from them, to the row and the cent."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from reliability.lakes import bring, drop, lake_at

from . import shopify_bodies, shopify_oracle
from .answer import Answer, read
from .compared import TABLES, check, packed, unaccounted

if TYPE_CHECKING:
    from pathlib import Path


def write(landing: Path, shop: shopify_bodies.Shop) -> list[Path]:
    """Bodies in pages, alone, in wrappers and one a line, in any order, some of them twice, with broken ones."""
    rng = random.Random(shop.seed)
    files = []
    for stream in ("orders", "refunds", "transactions"):
        bodies = getattr(shop, stream)
        bodies = rng.sample(bodies, len(bodies)) + rng.sample(bodies, len(bodies) // 5)
        for place in range(0, len(bodies), 7):
            name = f"{stream}/{rng.randrange(10**6):06}-{place}.json"
            files.append(drop(landing, name, *packed(rng, stream, bodies[place : place + 7])))
    broken = [{"id": 1, "order_id": 2, "created_at": "2026-03-26T00:00:00Z", "line_items": []}, '{"id": 7']
    return [*files, drop(landing, "orders/broken.json", *broken), drop(landing, "transactions/broken.json", "nothing")]


def check_totals(answer: Answer, shop: shopify_bodies.Shop) -> None:
    """The lines of an order that no edit changed, with the taxes beside its prices, add up to its total."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    outside = {str(order["id"]) for order in shop.orders if not order["taxes_included"]}
    for line in answer.lines:
        if line.document_id == line.order_id:
            sums[line.order_id] += line.amount + ((line.tax or 0) if line.order_id in outside else 0)
    known = sums.keys() & shop.totals.keys()
    assert {order: sums[order] for order in known} == {order: Decimal(shop.totals[order]) for order in known}
    assert known


@pytest.fixture
def shop(tmp_path, request):
    """Files of a shop, and what plain Python reads from them."""
    made = shopify_bodies.fill(request.param)
    files = write(tmp_path / "source", made)
    answer = read(tmp_path / "source", files, shopify_oracle.take)
    check_totals(answer, made)
    return files, answer


@pytest.mark.parametrize("shop", range(1, 4), indirect=True)
def test_the_totals_of_orders_are_those_of_their_lines(shop):
    assert len(shop[1].lines) > len(shop[1].payments) > 0


@pytest.mark.slow
@pytest.mark.parametrize("shop", range(1, 5), indirect=True)
def test_lines_and_payments_are_those_of_the_bodies(tmp_path, shop):
    _, answer = shop

    lake_at(tmp_path / "lake", tmp_path / "source", "shopify", tables=TABLES).run()

    check(tmp_path / "lake", answer)


@pytest.mark.slow
@pytest.mark.parametrize("shop", range(11, 14), indirect=True)
def test_lines_and_payments_of_several_runs_in_any_order_are_those_of_the_bodies(tmp_path, shop):
    files, answer = shop
    mixed = random.Random(0).sample(files, len(files))

    for part in (mixed[::3], mixed[1::3], mixed[2::3]):
        bring(tmp_path / "landing", tmp_path / "source", part)
        lake_at(tmp_path / "lake", tmp_path / "landing", "shopify", tables=TABLES).run()

    check(tmp_path / "lake", answer)
    assert unaccounted(tmp_path / "lake") == []
