"""One life of a shop's lake, from a seed: random files, steps and faults, and at the end a fresh lake of the same."""

from __future__ import annotations

import random
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any
from unittest import mock

from shoplake.engine.storage.locks.lease import Lease
from shoplake.errors import LakeLockedError, ShoplakeError
from tools.soak.actions import PLACES
from tools.soak.killable_lake import one_table_at_a_time
from tools.soak.shop import shop_actions
from tools.soak.shop.shop_lake import ShopLake
from tools.soak.shop.shop_records import ShopRecords
from tools.soak.simulation import Life, SoakError
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.soak.actions import Step

ACTIONS: dict[Callable[..., Step | None], int] = {
    shop_actions.run: 8,
    shop_actions.rebuild: 3,
    shop_actions.run_part: 3,
    shop_actions.watch: 1,
    shop_actions.change_settings: 2,
    shop_actions.fix: 3,
    shop_actions.discard: 2,
    shop_actions.replay: 1,
    shop_actions.maintain: 1,
    shop_actions.restore: 2,
    shop_actions.clone: 1,
}
"""Actions and how often each is chosen."""
FAULTS = {"none": 6, "kill": 4, "disk full": 1, "second writer": 1}
MOST_POINTS, MOST_WRITES = 250, 40
"""A kill comes at one of so many crash points, a full disk before one of so many writes; a step with fewer is done."""
FEW = ("event_identity", "sales_daily", "ad_costs", "carts", "product_funnel", "payments", "customers")
"""The tables of most lives, with what they read; every third has all."""


def simulate_shop(seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None = None) -> Life:
    """Live one life of so many steps, and return what happened. Raises SoakError with the steps that led to it."""
    life, folder, chance = Life(seed), Path(tempfile.mkdtemp(prefix="soak")), random.Random(seed)
    tables = choose_tables(seed)
    try:
        with one_table_at_a_time():
            shop = ShopLife(ShopLake(folder, tables, (templates or {}).get(tables)), chance, life)
            for _ in range(steps):
                shop.live()
            shop.end()
    except Exception as error:
        raise SoakError(seed, life.steps, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return life


def choose_tables(seed: int) -> tuple[str, ...]:
    """Return the tables of a life; none stands for all."""
    return () if seed % 3 == 2 else FEW


def make_shop_templates(folder: Path) -> dict[tuple[str, ...], Path]:
    """Make a lake without rows for each choice of tables, to be copied."""
    templates = dict[tuple[str, ...], Path]()
    for tables in {choose_tables(seed) for seed in range(3)}:
        shop = ShopLake(folder / str(len(templates)), tables)
        shop.lake.state.create_if_missing()
        for table in shop.lake.catalog.ordered:
            shop.lake.engine.create_if_missing(table)
        templates[tables] = shop.path
    return templates


class ShopLife:
    """A lake that lives: what its seed has still to decide."""

    def __init__(self, shop: ShopLake, chance: random.Random, life: Life) -> None:
        self._shop, self._chance, self._life = shop, chance, life
        self._records, self._files = ShopRecords(chance), 0
        shop.settings = replace(shop.settings, replaces=chance.random() < 0.5)
        shop.lake = shop.open()

    def live(self) -> None:
        """Let files land, and do a step, maybe with a fault and then once more."""
        shop, chance = self._shop, self._chance
        for _ in range(chance.randint(0, 4) if shop.moments else 6):
            self._land()
        step = self._choose_step()
        fault = chance.choices([*FAULTS], [*FAULTS.values()])[0]
        if fault == "second writer" and step.name == "clone":  # it reads alone
            fault = "none"
        self._life.steps.append(f"{step.name}, {fault}")
        self._life.counts.update([step.name.partition(" silver")[0].partition(" gold")[0], fault])
        self._act(step, fault)
        step.effect()
        shop.remember()

    def end(self) -> None:
        """Bring all up to date, and compare with a fresh lake. Raises DifferenceError."""
        shop = self._shop
        shop.lake.apply()
        shop.lake.run()
        shop.ingest()
        shop.check(self._chance)

    def _land(self) -> None:
        """Let a new file land, or change or delete one that has landed."""
        shop, chance, kind = self._shop, self._chance, self._chance.random()
        if kind < 0.8 or not shop.landed:
            stream, self._files = self._records.choose_stream(), self._files + 1
            ending = {"products": "parquet", "customers": "csv", "exchange_rates": "csv", "spend": "csv"}
            name = f"{stream}/{chance.choice('amz')}{self._files}.{ending.get(stream, 'json')}"
            packed = ".gz" if stream != "products" and chance.random() < 0.15 else ""
            shop.write(name + packed, self._records.texts(stream))
            return
        name = chance.choice([*shop.landed])
        stream = name.split("/")[0]
        if kind < 0.85:
            shop.remove(name)
        elif kind < 0.93:
            shop.write(name, shop.landed[name] + self._records.texts(stream, 2))
        else:
            kept = [line for line in shop.landed[name] if chance.random() < 0.6]
            shop.write(name, kept + self._records.texts(stream, 2))

    def _choose_step(self) -> Step:
        shop, chance = self._shop, self._chance
        if not shop.moments:
            return shop_actions.run(shop, chance)
        if shop.is_pending:
            return shop_actions.apply(shop)
        step = None
        while step is None:
            action = chance.choices([*ACTIONS], [*ACTIONS.values()])[0]
            step = action(shop, chance, self._records) if action is shop_actions.fix else action(shop, chance)
        return step

    def _act(self, step: Step, fault: str) -> None:
        shop, chance = self._shop, self._chance
        shop.is_disturbed |= fault in ("kill", "disk full")
        if fault == "second writer":
            with Lease(str(shop.path), "another"):
                try:
                    step.act()
                except LakeLockedError:
                    pass
                else:
                    raise DifferenceError(f"{step.name} was not refused while another process held the lease")
        elif fault == "disk full":
            with disk_full(chance), suppress(ShoplakeError):
                step.act()
            shop.lake = shop.open()
        elif fault == "kill":
            nth = chance.randint(1, MOST_POINTS)
            point = shop.kill(step.act, lambda reached: len(reached) == nth)
            self._life.steps[-1] += f" at {point}"
            self._life.killed_at.update([point] if point else [])
        step.act()


@contextmanager
def disk_full(chance: random.Random) -> Iterator[None]:
    """Let one kind of write fail from the n-th on."""
    owner, name, error = PLACES[chance.choice([*PLACES])]
    place = resolve_name(owner)
    write, left = getattr(place, name), chance.randint(0, MOST_WRITES)

    def fail(*args: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise error
        return write(*args, **options)

    with mock.patch.object(place, name, fail):
        yield
