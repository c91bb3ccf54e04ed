"""The steps of a life that change what a shop declares, and those that bring its tables to that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from shoplake.errors import PendingChangesError
from tools.soak.actions import Step
from tools.soak.shop.shop_project import KEEPING
from tools.soak.shop.shop_state import CURRENCIES, EVENT_NAMES, ZONES
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random
    from typing import Any

    from shoplake.lake import Lake
    from shoplake.pipeline.run_result import RunResult
    from tools.soak.shop.shop_lake import ShopLake


def change(shop: ShopLake, chance: random.Random) -> Step:
    """Change a setting or the project of the shop, and bring the tables to it."""
    kind, settings = chance.random(), shop.settings
    if kind < 0.15:
        shop.settings = replace(settings, timezone=chance.choice(ZONES))
    elif kind < 0.25:
        shop.settings = replace(settings, currency=chance.choice(CURRENCIES))
    elif kind < 0.35:
        shop.settings = replace(settings, event_names=chance.randrange(len(EVENT_NAMES)))
    else:
        shop.settings = replace(settings, project=settings.project.changed(chance))
    shop.lake, shop.is_pending = shop.open(), True
    return bring(shop, chance)


def keep(shop: ShopLake, chance: random.Random) -> Step | None:
    """Let old rows of some tables expire, or no more; in lives that do."""
    if not shop.expires:
        return None
    kept = frozenset(chance.sample(KEEPING, chance.randint(0, 2)))
    shop.settings = replace(shop.settings, project=replace(shop.settings.project, kept=kept))
    shop.lake, shop.ever_kept = shop.open(), shop.ever_kept | kept
    return Step("maintain expire", lambda: shop.lake.expire(), command=("maintain", "expire"))


def bring(shop: ShopLake, chance: random.Random) -> Step:
    """Apply what is declared now: by a command, by a run, or in part."""

    def applied() -> None:
        shop.is_pending = False

    def applied_by_run() -> None:
        shop.is_pending = False
        shop.ingest()

    kind = chance.random()
    if kind < 0.5:
        return Step("apply", lambda: shop.lake.apply(), applied, ("apply", "--yes"))
    if kind < 0.65:
        return Step("run, on_change = apply", lambda: run_checked(shop, shop.open(is_applied=True)), applied_by_run)
    if kind < 0.8:
        accept = shop.stopping if chance.random() < 0.7 else []
        act = lambda: run_checked(shop, full_refresh=True, accept=accept, because="a change")  # noqa: E731
        return Step("run --full-refresh, pending", act, applied_by_run)
    if kind < 0.9:
        name = chance.choice([table.qualified_name for table in shop.lake.catalog.ordered])
        return Step("apply --select", lambda: shop.lake.apply(select=name + chance.choice(["", "+"])))
    return _refused(shop)


def run_accepting(shop: ShopLake, chance: random.Random) -> Step | None:
    """Bring all tables up to date, accepting what stops them."""
    names = shop.stopping
    if not names:
        return None
    some = chance.sample(names, chance.randint(1, len(names)))
    return Step("run --accept", lambda: run_checked(shop, accept=some, because="a test"), shop.ingest)


def run_checked(shop: ShopLake, lake: Lake | None = None, **arguments: Any) -> RunResult:
    """Run. Raises DifferenceError where a stopped table was written, or another one has still something to do."""
    lake, is_whole = lake or shop.lake, not {"select", "layer"} & {*arguments}
    before = _versions(shop) if shop.stopping else {}
    result = lake.run(**arguments)
    blocked = result.blocked
    after = _versions(shop) if blocked else {}
    if written := [name for name in blocked & before.keys() if before[name] != after[name]]:
        raise DifferenceError(f"written though stopped: {written}")
    if is_whole:
        left = [each for each in lake.plan().tables if not each.is_nothing and each.table not in blocked]
        if left:
            raise DifferenceError(f"still to do after a run: {left[:2]}")
    return result


def _refused(shop: ShopLake) -> Step:
    """Run, which is refused where rows would be of two definitions."""
    done = list[bool]()

    def act() -> None:
        done.clear()
        try:
            run_checked(shop)
            done.append(True)
        except PendingChangesError:
            pass

    def effect() -> None:
        if done:
            shop.is_pending = False
            shop.ingest()

    return Step("run, pending", act, effect)


def _versions(shop: ShopLake) -> dict[str, int]:
    """Return the version of each table that exists."""
    tables = [each for table in shop.lake.catalog.ordered for each in (table, *table.companion_tables)]
    found = {each.qualified_name: shop.path / each.path for each in tables}
    return {name: DeltaTable(str(path)).version() for name, path in found.items() if (path / "_delta_log").exists()}
