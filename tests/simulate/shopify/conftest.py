"""A generated shop, its ground truth, and the records of its files."""

import csv
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shoplake.simulate.shopify import GroundTruth, generate
from shoplake.simulate.shopify.customers import draw_customers
from shoplake.simulate.shopify.order_generator import OrderGenerator
from shoplake.simulate.shopify.orders import Order
from shoplake.simulate.shopify.products import draw_products
from shoplake.simulate.shopify.shop import Shop

SMALL = {"orders": 600, "customers": 60, "products": 50, "days": 20}


class Landing:
    """A generated landing folder and its ground truth."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder = folder
        self.ground_truth: GroundTruth = generate(folder, **(SMALL | changes))

    def lines(self, stream: str) -> list[str]:
        """The records of a stream in order of their files."""
        return [line for file in sorted(self.folder.glob(f"{stream}/*")) for line in file.read_text().splitlines()]

    def bodies(self, stream: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines(stream)]

    def export(self) -> list[dict[str, str]]:
        with (self.folder / "orders_export_1.csv").open(newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    return Landing(tmp_path_factory.mktemp("shopify"))


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    return Landing(tmp_path_factory.mktemp("shopify"), export=True)


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    return Landing(tmp_path_factory.mktemp("shopify"), error_rate=0.1)


@pytest.fixture(scope="session")
def shop_of() -> Callable[..., Shop]:
    """A shop with some arguments of its own."""
    usual = {**SMALL, "seed": 7, "error_rate": 0.0, "starts_on": date(2026, 3, 20), "timezone": "Europe/London"}
    return lambda **changes: Shop(**(usual | {"currency": "GBP", "export": False} | changes))


@pytest.fixture(scope="session")
def orders(shop_of: Callable[..., Shop]) -> list[Order]:
    shop = shop_of()
    return OrderGenerator(shop, draw_products(shop), draw_customers(shop)).draw()
