"""Lines and payments of random WooCommerce bodies are those that plain Python reads, to the row and the cent."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from reliability.lakes import bring, drop, lake_at

from . import woocommerce_bodies, woocommerce_oracle
from .answer import read
from .compared import TABLES, check, packed, unaccounted

if TYPE_CHECKING:
    from pathlib import Path


def write(landing: Path, shop: woocommerce_bodies.Shop) -> list[Path]:
    """Bodies in arrays, wrappers and one a line, in any order, some of them twice, with a broken one."""
    rng = random.Random(shop.seed)
    files = [drop(landing, "orders/broken.json", '{"id": 7')]
    for stream in ("orders", "refunds"):
        bodies = getattr(shop, stream)
        bodies = rng.sample(bodies, len(bodies)) + rng.sample(bodies, len(bodies) // 5)
        for place in range(0, len(bodies), 7):
            name = f"{stream}/{rng.randrange(10**6):06}-{place}.json"
            files.append(drop(landing, name, *packed(rng, stream, bodies[place : place + 7], has_pages=False)))
    return files


@pytest.fixture
def shop(tmp_path, request):
    """Files of a shop, and what plain Python reads from them."""
    files = write(tmp_path / "source", woocommerce_bodies.fill(request.param))
    return files, read(tmp_path / "source", files, woocommerce_oracle.take)


@pytest.mark.parametrize("shop", range(1, 4), indirect=True)
def test_only_cents_lie_between_the_lines_of_orders_and_their_totals(shop):
    rests = Counter(abs(line.amount) for line in shop[1].lines if line.line_number == -6 and line.status)

    assert sum(rests.values()) > 0
    assert max(rests) <= Decimal("0.05")


@pytest.mark.slow
@pytest.mark.parametrize("shop", range(1, 5), indirect=True)
def test_lines_and_payments_are_those_of_the_bodies(tmp_path, shop):
    lake_at(tmp_path / "lake", tmp_path / "source", "woocommerce", tables=TABLES).run()

    check(tmp_path / "lake", shop[1])


@pytest.mark.slow
@pytest.mark.parametrize("shop", range(11, 14), indirect=True)
def test_lines_and_payments_of_several_runs_in_any_order_are_those_of_the_bodies(tmp_path, shop):
    files, answer = shop
    mixed = random.Random(0).sample(files, len(files))

    for part in (mixed[::3], mixed[1::3], mixed[2::3]):
        bring(tmp_path / "landing", tmp_path / "source", part)
        lake_at(tmp_path / "lake", tmp_path / "landing", "woocommerce", tables=TABLES).run()

    check(tmp_path / "lake", answer)
    assert unaccounted(tmp_path / "lake") == []
