"""Texts of random records: new ones, changed ones, late ones, repeated ones and bad ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

START = datetime(2026, 3, 1, tzinfo=UTC)
SPAN_S = 3 * 86_400
KEYS, VISITORS = "abcde", ("ada", "bob")


class RecordMaker:
    """Makes texts of records. No two have the same time, so that no order is left to chance."""

    def __init__(self, random: random.Random) -> None:
        self._random = random
        self._times: set[int] = set()
        self._texts: dict[str, list[str]] = {}

    def texts(self, family: str) -> list[str]:
        """Return the lines of a file of one to four records."""
        lines = [self._text(family) for _ in range(self._random.randint(1, 4))]
        self._texts.setdefault(family, []).extend(lines)
        return lines

    def _text(self, family: str) -> str:
        chance = self._random.random()
        if chance < 0.1 and self._texts.get(family):
            return self._random.choice(self._texts[family])
        if chance < 0.15 and family != "receipts":
            return f"garbage {self._random.randint(1, 999)}"
        make = {"marks": self._mark, "prices": self._price, "receipts": self._receipt}[family]
        return json.dumps(make())

    def _mark(self) -> dict[str, Any]:
        return {"id": self._key(), "at": self._time(), "who": self._random.choice(VISITORS), "n": self._number()}

    def _price(self) -> dict[str, Any]:
        price = self._random.choice(["1.00", "2.50", "2.50", "3.00", "dear"])
        return {"thing": self._key(), "price": price, "changed_at": self._time()}

    def _receipt(self) -> dict[str, Any]:
        lines = ["9", *[self._number() for _ in range(self._random.randint(0, 2))]]
        day = f"2026-03-0{self._random.randint(1, 3)}"
        return {"id": self._key(), "day": day, "updated_at": self._time(), "lines": lines}

    def _key(self) -> str:
        return self._random.choice(KEYS)

    def _number(self) -> str:
        return self._random.choice(["1", "2", "5", "7", "-1", "-2", "-9", "x"])

    def _time(self) -> str:
        while (second := self._random.randrange(SPAN_S)) in self._times:
            pass
        self._times.add(second)
        return f"{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"


def corrected(text: str, family: str) -> str:
    """Return the text of a record with valid values instead of bad ones."""
    try:
        value = json.loads(text)
    except ValueError:
        seed = sum(map(ord, text))
        at = f"{START + timedelta(seconds=SPAN_S + seed):%Y-%m-%dT%H:%M:%SZ}"
        fixed = {"id": "g", "at": at, "who": "ada", "n": "4"}
        value = fixed if family == "marks" else {"thing": "g", "price": "4.00", "changed_at": at}
    if family == "prices":
        value["price"] = "4.00"
    elif family == "marks":
        value["n"] = "4"
    else:
        value["lines"] = ["4" for _ in value["lines"]]
    return json.dumps(value)
