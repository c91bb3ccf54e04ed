"""One life of a shop's lake, from a seed: random files, steps and faults, and at the end a fresh lake of the same."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from tools.soak.faults import disk_full, second_writer
from tools.soak.shop import change_actions, shop_actions
from tools.soak.shop.export_lake import ExportLake
from tools.soak.shop.shop_files import is_page, stream_of
from tools.soak.shop.shop_lake import ShopLake
from tools.soak.shop.shopify_records import FOREIGN
from tools.soak.shop.two_feeds import PAIRS, TwoFeedsLake
from tools.soak.signals.signals import SIGNAL, stop_by_signal
from tools.soak.simulation import begun_life

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tools.soak.actions import Step
    from tools.soak.simulation import Life

ACTIONS: dict[Callable[..., Step | None], int] = {
    shop_actions.run: 8,
    shop_actions.rebuild: 3,
    shop_actions.run_part: 3,
    shop_actions.watch: 1,
    change_actions.change: 6,
    change_actions.run_accepting: 1,
    change_actions.keep: 3,
    shop_actions.fix: 3,
    shop_actions.discard: 2,
    shop_actions.replay: 1,
    shop_actions.maintain: 1,
    shop_actions.restore: 2,
    shop_actions.clone: 1,
}
"""Actions and how often each is chosen."""
WHILE_PENDING: dict[Callable[..., Step | None], int] = {
    change_actions.bring: 12,
    change_actions.change: 3,
    shop_actions.fix: 1,
    shop_actions.discard: 1,
    shop_actions.replay: 1,
    shop_actions.maintain: 1,
    shop_actions.clone: 1,
}
"""Actions while the tables are not those of the code and the settings."""
LEFT = ("apply", "quarantine replay", "maintain optimize", "maintain vacuum")
"""Steps that may be left undone where they are killed."""
FAULTS = {"none": 6, "kill": 4, "disk full": 1, "second writer": 1, "clock": 1}
ANY = "any"
"""Stands for the kind of a template that is for all."""
WITH_SIGNALS = FAULTS | {SIGNAL: 2}
MOST_POINTS, MOST_WRITES = 250, 40
"""A kill comes at one of so many crash points, a full disk before one of so many writes; a step with fewer is done."""
FEW = ("event_identity", "sales_daily", "ad_costs", "carts", "product_funnel", "payments", "customers")
"""The tables of most lives, with what they read; every third has all."""


def simulate_foreign(seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None = None) -> Life:
    """Live one life of a shop whose files are in a foreign format, which its seed chooses."""
    return simulate_shop(seed, steps, templates, [*FOREIGN][seed // 3 % len(FOREIGN)])


def simulate_shop(
    seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None = None, kind: str = "zenith"
) -> Life:
    """Live one life of so many steps, and return what happened. Raises SoakError with the steps that led to it."""
    chance, tables = random.Random(seed), choose_tables(seed)
    with begun_life(seed) as (life, folder):
        shop = ShopLife(ShopLake(folder, tables, (templates or {}).get((kind, *tables)), kind), chance, life)
        for _ in range(steps):
            shop.live()
        shop.end()
    return life


def choose_tables(seed: int) -> tuple[str, ...]:
    """Return the tables of a life; none stands for all."""
    return () if seed % 3 == 2 else FEW


def make_shop_templates(folder: Path) -> dict[tuple[str, ...], Path]:
    """Make a lake without rows for each choice of tables, to be copied."""
    return _make_templates(folder, ["zenith"])


def make_foreign_templates(folder: Path) -> dict[tuple[str, ...], Path]:
    """Make the lakes without rows of shops with foreign formats."""
    return _make_templates(folder, FOREIGN)


def simulate_feeds(seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None = None) -> Life:
    """Live one life of a shop with two feeds, whose kinds its seed chooses; some commands are stopped by signals."""
    return _simulate_with_signals(seed, steps, templates, TwoFeedsLake, PAIRS[seed // 3 % len(PAIRS)])


def simulate_export(seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None = None) -> Life:
    """Live one life of a shop whose orders are exports of Shopify's admin; some commands are stopped by signals."""
    return _simulate_with_signals(seed, steps, templates, ExportLake, "shopify")


def _simulate_with_signals(
    seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None, make: type[ShopLake], kind: str
) -> Life:
    tables = choose_tables(seed)
    with begun_life(seed) as (life, folder):
        shop = make(folder, tables, (templates or {}).get((ANY, *tables)), kind)
        living = ShopLife(shop, random.Random(seed), life, WITH_SIGNALS)
        for _ in range(steps):
            living.live()
        living.end()
    return life


def make_any_templates(folder: Path) -> dict[tuple[str, ...], Path]:
    """Make the lakes without rows of shops of any kinds: their tables do not depend on them."""
    return {(ANY, *tables): path for (_, *tables), path in make_shop_templates(folder).items()}


def _make_templates(folder: Path, kinds: Iterable[str]) -> dict[tuple[str, ...], Path]:
    templates = dict[tuple[str, ...], Path]()
    for kind, tables in product(kinds, {choose_tables(seed) for seed in range(3)}):
        shop = ShopLake(folder / str(len(templates)), tables, kind=kind)
        shop.create_tables()
        templates[kind, *tables] = shop.path
    return templates


class ShopLife:
    """A lake that lives: what its seed has still to decide."""

    def __init__(self, shop: ShopLake, chance: random.Random, life: Life, faults: Mapping[str, int] = FAULTS) -> None:
        self._shop, self._chance, self._life = shop, chance, life
        shop.is_dated, shop.expires = shop.has_dates and life.seed % 4 != 3, life.seed % 4 == 1
        self._records, self._files, self._faults = shop.make_records(chance), 0, faults
        batch = chance.choice([10_000, 10_000, 1, 3])
        shop.settings = replace(shop.settings, replaces=chance.random() < 0.5, files_per_batch=batch)
        shop.lake = shop.open()

    def live(self) -> None:
        """Let files land, and do a step, maybe with a fault and then once more."""
        shop, chance = self._shop, self._chance
        for _ in range(chance.randint(0, 4) if shop.moments else 6):
            self._land()
        step = self._choose_step()
        fault = chance.choices([*self._faults], [*self._faults.values()])[0]
        if (fault == "second writer" and step.name == "clone") or (fault == SIGNAL and not step.command):
            fault = "none"  # a clone reads alone
        self._life.steps.append(f"{step.name}, {fault}")
        self._life.counts.update([step.name.partition(" silver")[0].partition(" gold")[0], fault])
        if self._act(step, fault):
            step.effect()
            shop.remember()

    def end(self) -> None:
        """Bring all up to date, and compare with a fresh lake. Raises DifferenceError."""
        shop = self._shop
        shop.lake.apply()
        shop.lake.run(accept=shop.stopping, because="the end")
        shop.ingest()
        shop.check(self._chance)

    def _land(self) -> None:
        """Let a new file land, or change or delete one that has landed."""
        shop, chance, kind = self._shop, self._chance, self._chance.random()
        if shop.cut and chance.random() < 0.4:
            name = chance.choice([*shop.cut])
            shop.write(name, shop.cut[name])
        elif kind < 0.8 or not shop.landed:
            stream, self._files = self._records.choose_stream(), self._files + 1
            name = f"{stream}/{self._records.choose_name(stream, self._files)}"
            packed = ".gz" if not name.endswith(".parquet") and chance.random() < 0.15 else ""
            share = 0.6 if packed and chance.random() < 0.4 else 1.0
            shop.write(name + packed, self._records.texts(stream, is_page=is_page(name)), share)
        else:
            self._change_file(chance.choice([*shop.landed]), kind)

    def _change_file(self, name: str, kind: float) -> None:
        """Delete a file that has landed, let it grow, or replace some of its lines."""
        shop, chance = self._shop, self._chance
        stream, is_in_page = stream_of(name), is_page(name)
        if kind < 0.85:
            shop.remove(name)
        elif kind < 0.93:
            shop.write(name, shop.landed[name] + self._records.texts(stream, 2, is_page=is_in_page))
        else:
            kept = [line for line in shop.landed[name] if chance.random() < 0.6]
            shop.write(name, kept + self._records.texts(stream, 2, is_page=is_in_page))

    def _choose_step(self) -> Step:
        shop, chance = self._shop, self._chance
        if not shop.moments:
            return shop_actions.run(shop, chance)
        actions = WHILE_PENDING if shop.is_pending else ACTIONS
        step = None
        while step is None:
            action = chance.choices([*actions], [*actions.values()])[0]
            step = action(shop, chance, self._records) if action is shop_actions.fix else action(shop, chance)
        return step

    def _act(self, step: Step, fault: str) -> bool:
        """Do a step, maybe with a fault and then once more. Returns False where it is left undone."""
        shop, chance = self._shop, self._chance
        shop.is_disturbed |= fault in ("kill", "disk full", "clock", SIGNAL)
        if fault == "second writer":
            second_writer(shop, step)
        elif fault == "disk full":
            disk_full(shop, step, chance, MOST_WRITES)
        elif fault == SIGNAL:
            stop_by_signal(shop, step, chance, MOST_POINTS, self._life)
        elif fault == "clock":
            shop.jump, shop.has_jumped = timedelta(hours=chance.choice([-2000, -30, -1, 1, 30])), True
        elif fault == "kill":
            nth = chance.randint(1, MOST_POINTS)
            with shop.clock():
                point = shop.kill(step.act, lambda reached: len(reached) == nth)
            self._life.steps[-1] += f" at {point}"
            self._life.killed_at.update([point] if point else [])
            if point and step.name in LEFT and chance.random() < 0.4:
                self._life.steps[-1] += ", left"
                return False
        with shop.clock():
            step.act()
        return True
