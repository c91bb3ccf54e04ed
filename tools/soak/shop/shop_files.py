"""Writes the files of a shop's streams: which have which lines."""

from __future__ import annotations

import gzip
import json
from pathlib import PurePath
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


EXPORT = "orders_export"
"""The stream of Shopify's export of orders."""
CSV = {
    EXPORT: (
        *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Currency", "Subtotal", "Shipping"),
        *("Taxes", "Total", "Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku"),
        *("Shipping Country", "Billing Country", "Cancelled at", "Payment Method", "Refunded Amount"),
        *("Outstanding Balance", "Id", "Duties"),
    ),
    "customers": ("customer_id", "signup_date", "location", "email", "phone", "updated_at"),
    "exchange_rates": ("rate_date", "currency", "rate", "updated_at"),
    "spend": ("cost_date", "source", "medium", "campaign", "cost", "currency", "clicks", "impressions", "updated_at"),
}
"""The columns of streams of CSV."""
PRODUCT = ("product_id", "product_name", "category", "price", "cost", "updated_at")
ENDINGS = {"products": "parquet", **dict.fromkeys(CSV, "csv")}
PAGES = ("page", "array", "batch")
"""How names begin of files that are one document with its records, as a page of an API is."""


def write_file(path: Path, lines: Sequence[str | None], share: float = 1.0, stream: str = "") -> None:
    """Write the lines of a file of a stream, under its header where it has one; a discarded line is empty.

    Of a compressed file that is still being written only a share of the bytes is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = stream or path.parent.name
    if path.suffix == ".parquet":
        rows = [json.loads(line) for line in lines if line is not None]
        texts = {name: [_text(row.get(name)) for row in rows] for name in PRODUCT}
        pq.write_table(pa.table({name: pa.array(cells, pa.string()) for name, cells in texts.items()}), path)
        return
    if is_page(path.name):
        first, last = _around_page(path.name, stream)
        text = "\n".join([first, ",\n".join(line for line in lines if line is not None), last])
    else:
        header = [",".join(CSV[stream])] if ".csv" in path.name else []
        text = "".join(f"{line or ''}\n" for line in [*header, *lines])
    content = gzip.compress(text.encode(), mtime=0) if PurePath(path.name).suffix == ".gz" else text.encode()
    path.write_bytes(content[: int(len(content) * share)])


def as_text(stream: str, record: Mapping[str, object]) -> str:
    """Return the line of a record in a file of its stream; a row of Parquet is one of JSON here."""
    if stream not in CSV:
        return json.dumps(record)
    cells = ["" if record.get(name) is None else str(record[name]) for name in CSV[stream]]
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


def stream_of(name: str) -> str:
    """Return the stream of a file, below its feed where there are several, by its name in the landing folder."""
    return name.rpartition("/")[0]


def is_page(name: str) -> bool:
    """Whether a file is one document with its records."""
    return PurePath(name).name.startswith(PAGES)


def _around_page(name: str, stream: str) -> tuple[str, str]:
    """Return what is before and after the records of a page: an array is in an object, or alone."""
    if name.startswith("array"):
        return "[", "]"
    return f'{{"{"batch" if name.startswith("batch") else stream}": [', "]}"


def lines_above(name: str) -> int:
    """Return how many lines of a file are above its records."""
    return int(".csv" in name or is_page(name))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
