"""Faulty records among clean ones: cut short, without an id, with an amount in words, and sent again."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

FIRST_FAULTY_ID = 9_900_000_000
INVALID = ("malformed", "no_id", "bad_amount")
TEST = '"test": true'
ONE_ITEM = {"shipping_lines": [], "refunds": [], "discount_codes": [], "total_discounts": "0.00"}
"""What an order has not, so that it is a single line."""


class StreamFaults:
    """Adds faults to a stream and counts them by kind."""

    def __init__(self, stream: str, error_rate: float, rng: random.Random) -> None:
        self._stream, self._rate, self._rng = stream, error_rate, rng
        self.kinds: Counter[str] = Counter()

    def inject(self, clean: Sequence[str], earlier: Sequence[str] = ()) -> list[str]:
        """Return the clean records of a day with faulty ones anywhere among them.

        `earlier` can be sent again. Faults are made of records that are no tests.
        """
        records, real = list(clean), [text for text in clean if TEST not in text]
        earlier = [text for text in earlier if TEST not in text]
        whole, part = divmod(len(real) * self._rate, 1)
        for _ in range(int(whole) + (self._rng.random() < part)):
            kinds = ("exact", "malformed") if self._stream not in _BROKEN else (*INVALID, "exact", "stale")
            kind = self._rng.choice(kinds)
            if kind == "stale" and (self._stream != "orders" or not earlier):
                kind = "exact"
            self.kinds[kind] += 1
            record = self._make(kind, self._rng.choice(earlier if kind == "stale" else real))
            records.insert(self._rng.randint(0, len(records)), record)
        return records

    def counts(self, *kinds: str) -> dict[str, int]:
        """Return how many records of these kinds were added."""
        return {kind: self.kinds[kind] for kind in kinds}

    def _make(self, kind: str, text: str) -> str:
        if kind in ("exact", "stale"):
            return text
        if kind == "malformed":
            return text[: len(text) // 2]
        body = json.loads(text) | {"id": None if kind == "no_id" else FIRST_FAULTY_ID + self.kinds[kind], "test": False}
        return json.dumps(_BROKEN[self._stream](body, kind == "bad_amount"), ensure_ascii=False)


def _break_order(body: dict[str, Any], has_bad_amount: bool) -> dict[str, Any]:
    item = body["line_items"][0] | {"discount_allocations": [], "current_quantity": 1, "quantity": 1}
    if has_bad_amount:
        item["price_set"] = {"shop_money": {"amount": "free"}}
    without = dict.fromkeys(("total_discounts_set", "total_tax_set"))
    return body | ONE_ITEM | without | {"line_items": [item]}


def _break_transaction(body: dict[str, Any], has_bad_amount: bool) -> dict[str, Any]:
    return body | {"kind": "sale"} | ({"amount": "free"} if has_bad_amount else {})


_BROKEN = {"orders": _break_order, "transactions": _break_transaction}
