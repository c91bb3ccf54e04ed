"""A lake of the CSV of orders that Shopify's admin exports, again and again, and the oracle of its money."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ClassVar

from tools.soak.shop.export_records import ExportRecords
from tools.soak.shop.foreign_money import Money, not_zero, stored_money
from tools.soak.shop.shop_files import CSV, EXPORT, lines_above
from tools.soak.shop.shop_lake import ShopLake
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


Row = dict[str, str]
FIRST = ("Financial Status", "Currency", "Subtotal", "Total")
"""What the first row of an order has."""


class ExportLake(ShopLake):
    """A lake whose orders have no time of their change: what arrived last counts."""

    has_dates: ClassVar[bool] = False

    def make_records(self, chance: random.Random) -> ExportRecords:
        """Return what makes the rows of exports."""
        return ExportRecords(chance, is_dated=False)

    def path_of(self, name: str) -> Path:
        """Return where a file lies: exports are in the folder of the feed itself."""
        return self.landing / name.replace(f"{EXPORT}/", f"{EXPORT}_")

    def file_of(self, found: Mapping[str, Any]) -> str:
        """Return the name of the file of a quarantined record, as it was written."""
        return str(found["file"]).replace(f"{EXPORT}_", f"{EXPORT}/")

    def places(self, found: Mapping[str, Any]) -> list[tuple[str, int]]:
        """Return the places of the rows of a quarantined order; none where a row is not in its file, or twice."""
        file, texts = self.file_of(found), found["raw"].split("\n")
        known = self.content.files.get(file, [])
        now = [self.content.decided.get((file, number, text), text) for number, text in enumerate(known, 1)]
        first = (found["line"] or 0) - lines_above(file)
        if any(now.count(text) != 1 for text in texts) or now[first - 1 : first] != texts[:1]:
            return []
        return [(file, now.index(text) + 1) for text in texts]

    def check_records(self, fresh: Iterable[ShopLake]) -> None:
        """Raise DifferenceError where the amounts of an order are not those of the export that came last."""
        expected = _newest_money(self)
        stored = stored_money(self)
        wrong = {id: (money, stored.get(id, {})) for id, money in expected.items() if money != stored.get(id, {})}
        if wrong:
            raise DifferenceError(f"money by the exports, expected and found: {[*wrong.items()][:2]}")


def _newest_money(shop: ShopLake) -> dict[str, Money]:
    """Return the amounts of each order; without those of which a row is bad, or that came with others in one step."""
    versions, unclear = defaultdict[str, list[tuple[int, Money | None]]](list), set[str]()
    for name, lines in shop.content.counted().items():
        if name.startswith(f"{EXPORT}/"):
            for id, money in orders_of(lines):
                versions[id].append((shop.content.arrivals[name], money))
    for table, record in shop.undecided():
        if table == "silver.order_lines":
            unclear |= _ids_of_bad(record["raw"].split("\n"))
    newest = {}
    for id, some in versions.items():
        last = [money for at, money in some if at == max(at for at, _ in some)]
        if id not in unclear and last[0] is not None and all(each == last[0] for each in last):
            newest[id] = last[0]
    return newest


def orders_of(lines: Iterable[str | None]) -> Iterator[tuple[str, Money | None]]:
    """Yield the orders of a file: id, and amounts by the class of line; None where a cell is no amount.

    Rows whose first one is elsewhere are no order.
    """
    orders = defaultdict[str, list[Row]](list)
    for row in _rows(lines):
        if row["Name"]:
            orders[row["Name"]].append(row)
    for rows in orders.values():
        if any(rows[0][name] for name in FIRST):
            yield rows[0]["Id"] or rows[0]["Name"], _money(rows)


def _money(rows: Sequence[Row]) -> Money | None:
    first, money = rows[0], defaultdict[str, Decimal](Decimal)
    try:
        for row in rows:
            money["goods"] += int(row["Lineitem quantity"]) * Decimal(row["Lineitem price"])
        subtotal, total = Decimal(first["Subtotal"]), Decimal(first["Total"])
        shipping, taxes, duties = (Decimal(first[name] or 0) for name in ("Shipping", "Taxes", "Duties"))
    except (InvalidOperation, ValueError):
        return None
    money["discount"] = subtotal - money["goods"]
    money |= {"shipping": shipping, "other": duties}
    money["tax"] = taxes if total != subtotal + shipping + duties else Decimal()
    return not_zero(money)


def _ids_of_bad(texts: Sequence[str]) -> set[str]:
    """Return the ids of a bad order; none of rows whose first one is elsewhere, and of one that cannot be read."""
    rows = [*_rows(texts)]
    return {rows[0]["Id"] or rows[0]["Name"]} if rows and any(rows[0][name] for name in FIRST) else set()


def _rows(lines: Iterable[str | None]) -> Iterator[Row]:
    names = CSV[EXPORT]
    for line in filter(None, lines):
        cells = next(csv.reader([line]))
        if len(cells) == len(names):
            yield dict(zip(names, (cell.strip() for cell in cells), strict=True))
