"""The life of bad records of flat files, against a list of lines in plain Python: fixed, discarded, landed again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from shoplake.operations.quarantine.corrections import FixFile
from shoplake.operations.quarantine.records import RecordFilter

from ..lakes import lake_at, listed

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.lake import Lake

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
OPEN_QUOTE = "an open quote"
"""Once in a file: the lines between two are one record."""
BAD = {
    "a text as quantity": lambda line: line.replace(",7,", ",seven,"),
    "a cell too few": lambda line: line.rpartition(",")[0],
    "a cell too many": lambda line: f"{line},more",
    OPEN_QUOTE: lambda line: line.replace("LAMP", '"LAMP'),
    "bytes that are no UTF-8": lambda line: line.replace("LAMP", "LAMP\udca3"),
    "a NUL byte": lambda line: line.replace("LAMP", "LA\0MP"),
    "a long line": lambda line: line.replace("LAMP", "L" * (1 << 20)),
}
FILES = ("b.csv", "a.csv")


def good(invoice: str, description: str = "LAMP") -> str:
    return f"{invoice},85123A,{description},7,2010-12-01 08:26:00,2.55,17850,United Kingdom"


@dataclass
class Shop:
    """Files of lines; of each line the text that counts, and whether it is valid. None where it was discarded."""

    landing: Path
    lake: Lake
    sent: dict[str, list[str]] = field(default_factory=dict)
    now: dict[tuple[str, int], tuple[str, bool] | None] = field(default_factory=dict)

    def land(self, file: str, *lines: tuple[str, bool]) -> None:
        """Append lines to a file, which is read again whole."""
        known = self.sent.setdefault(file, [HEADER])
        for text, is_valid in lines:
            known.append(text)
            self.now[file, len(known)] = (text, is_valid)
        (self.landing / file).write_bytes("\n".join([*known, ""]).encode("utf-8", "surrogateescape"))
        self.lake.run()

    def open_ids(self) -> dict[tuple[str, int], str]:
        records = self.lake.select_quarantined("silver.order_lines")
        return {(record["file"], record["line"]): record["record_id"] for record in records}

    def fix(self, corrected: dict[tuple[str, int], tuple[str, bool]]) -> None:
        ids = self.open_ids()
        file = FixFile.of({ids[place]: text for place, (text, _) in corrected.items()})
        tables = self.lake.tables_of_fix(file)
        with self.lake.quarantine_life_cycle() as cycle:
            result = cycle.fix(file, tables, "ticket 41")
        self.now |= corrected
        valid = sum(is_valid for _, is_valid in corrected.values())
        assert (result.records, result.passed) == (len(corrected), valid)

    def discard(self, *places: tuple[str, int]) -> None:
        ids = self.open_ids()
        table = self.lake.with_quarantine("silver.order_lines")
        with self.lake.quarantine_life_cycle() as cycle:
            cycle.discard(table, RecordFilter(ids=tuple(ids[place] for place in places)), "test shop")
        self.now |= dict.fromkeys(places)

    def check(self) -> None:
        """Compare the table and the open records with the lines, each once."""
        path = self.landing.parent / "lake"
        rows = Counter((row["source_file"], row["line_number"]) for row in listed(path, "silver/order_lines"))
        assert rows == Counter(place for place, each in self.now.items() if each and each[1])
        records = self.lake.select_quarantined("silver.order_lines")
        bad = Counter((record["file"], record["line"]) for record in records)
        assert bad == Counter(place for place, each in self.now.items() if each and not each[1])


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    landing = tmp_path / "landing"
    landing.mkdir()
    return Shop(landing, lake_at(tmp_path / "lake", landing, "online_retail", tables=("orders_raw", "order_lines")))


def test_a_corrected_line_of_an_invoice_takes_its_place_among_the_others(shop: Shop):
    text = BAD["a text as quantity"](good("536365"))
    shop.land("a.csv", (good("536365"), True), (text, False), (text, False), (good("536365"), True))

    shop.fix({("a.csv", 3): (good("536365"), True)})

    shop.check()
    shop.land("a.csv", (good("536366"), True))
    shop.check()


def change(shop: Shop, chance: random.Random, step: int) -> None:
    """Do one thing to some open records, to a file, or to the lake."""
    open_places = [place for place, each in shop.now.items() if each and not each[1]]
    some = chance.sample(open_places, min(len(open_places), chance.randint(1, 3)))
    what = chance.choice(("fix", "fix", "discard", "land", "rebuild")) if some else "land"
    if what == "fix":
        invoices = {place: shop.now[place][0].split(",")[0].strip('"') for place in some}
        shop.fix({place: correction(chance, invoices[place], step) for place in some})
    elif what == "discard":
        shop.discard(*some)
    elif what == "land":
        file = chance.choice(FILES)
        shop.land(file, *[line(chance, file) for _ in range(chance.randint(1, 4))])
    else:
        shop.lake.run(full_refresh=True)


def correction(chance: random.Random, invoice: str, step: int) -> tuple[str, bool]:
    if chance.random() < 0.3:
        return chance.choice([BAD["a cell too few"], BAD["a text as quantity"]])(good(invoice, f"LAMP {step}")), False
    return good(invoice, chance.choice(['"a ""big"" LAMP"', '"LAMP, two\nlines"', "=LAMP()", "LÄMP"])), True


def line(chance: random.Random, file: str, *, has_open_quote: bool = True) -> tuple[str, bool]:
    text = good(f"{file[0]}{chance.randint(1, 2)}")
    kinds = [kind for kind in BAD if kind != OPEN_QUOTE or not has_open_quote]
    return (text, True) if chance.random() < 0.5 else (BAD[chance.choice(kinds)](text), False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_every_line_is_valid_open_or_discarded_once_whatever_is_done(shop: Shop, seed: int):
    chance = random.Random(seed)
    for file in FILES:
        shop.land(file, line(chance, file, has_open_quote=False), *[line(chance, file) for _ in range(4)])
    shop.check()
    for step in range(8):
        change(shop, chance, step)
        shop.check()

    shop.lake.run(full_refresh=True)

    shop.check()
    assert shop.lake.verify() == []
