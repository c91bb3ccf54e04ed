"""A store of many customers and two years of sales, written without a lake, and its refreshes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.engine import arrow_schema
from shoplake.serve.store.documents import DocumentWriter
from shoplake.serve.store.pointer import Pointer, read_pointer, write_pointer
from shoplake.serve.store.table_files import name_files, write_table_files

if TYPE_CHECKING:
    from pathlib import Path

    from shoplake.declare import Table

CUSTOMERS, SALES, FUNNEL = "gold.customer_360", "gold.sales_daily", "gold.funnel_daily"
SERVED = (CUSTOMERS, SALES, FUNNEL)
CHANGED = 20_000
"""Customers that each refresh changes."""
DAYS = 730
DECLARED = {table.qualified_name: table for table in Catalog.from_package(tables).values()}


def write_build(folder: Path, customers: int) -> None:
    """Write the next build: version N of all tables, and N as the units of the first 20,000 customers and of sales."""
    folder.mkdir(parents=True, exist_ok=True)
    former = read_pointer(folder)
    build = former.build + 1 if former else 1
    rows = make_rows(customers, build)
    files = {name: name_files(DECLARED[name], build, "") for name in SERVED}
    for name in SERVED:
        write_table_files(folder, DECLARED[name], files[name], rows[name].to_reader(max_chunksize=50_000))
    writer = DocumentWriter(folder, build)
    before = folder / former.files[CUSTOMERS].choose(with_personal=True) if former else None
    writer.upsert(DECLARED[CUSTOMERS], folder / files[CUSTOMERS].choose(with_personal=True), before)
    writer.prune(DECLARED[CUSTOMERS])
    writer.commit()
    versions = dict.fromkeys(SERVED, build)
    write_pointer(folder, Pointer(build, f"run-{build}", datetime.now(UTC), versions, files))


def make_rows(customers: int, build: int) -> dict[str, pa.Table]:
    """Return the rows of each table in version `build`."""
    return {CUSTOMERS: _customers(customers, build), SALES: _sales(build), FUNNEL: _funnel()}


def _customers(count: int, build: int) -> pa.Table:
    number = pa.array(range(count), pa.int64())
    units = pa.array([build] * min(CHANGED, count) + [1] * max(0, count - CHANGED), pa.int64())
    known: dict[str, Any] = {
        "feed": pa.repeat(pa.scalar("shop"), count),
        "customer_id": pc.binary_join_element_wise("C", pc.utf8_lpad(number.cast(pa.string()), 7, "0"), ""),
        "units": units,
        "orders": pc.bit_wise_and(number, 15),
        "net": number.cast(pa.decimal128(21, 2)).cast(pa.decimal128(18, 2)),
        "segment": pa.repeat(pa.scalar("loyal"), count),
        "p_alive": pc.divide(number.cast(pa.float64()), float(count)),
    }
    return _filled(DECLARED[CUSTOMERS], known, count)


def _sales(build: int) -> pa.Table:
    known: dict[str, Any] = {
        "feed": ["shop"] * DAYS,
        "sales_date": _days(),
        "currency": ["GBP"] * DAYS,
        "orders": [1] * DAYS,
        "units_sold": [build] * DAYS,
        "gross_sales": [Decimal("10.00")] * DAYS,
        "net_sales": [Decimal("10.00")] * DAYS,
    }
    return _filled(DECLARED[SALES], known, DAYS)


def _funnel() -> pa.Table:
    return _filled(DECLARED[FUNNEL], {"feed": ["shop"] * DAYS, "event_date": _days()}, DAYS)


def _days() -> list[date]:
    return [date(2024, 1, 1) + timedelta(number) for number in range(DAYS)]


def _filled(table: Table[...], known: dict[str, Any], count: int) -> pa.Table:
    """Return the known columns cast to the declared types, and zeros or nulls in the others."""
    columns = []
    for field in arrow_schema(table):
        if field.name in known:
            values = known[field.name]
            columns.append(values.cast(field.type) if isinstance(values, pa.Array) else pa.array(values, field.type))
        elif pa.types.is_integer(field.type) or pa.types.is_decimal(field.type):
            columns.append(
                pa.repeat(pa.scalar(Decimal(0) if pa.types.is_decimal(field.type) else 0, field.type), count)
            )
        else:
            columns.append(pa.nulls(count, field.type))
    return pa.Table.from_arrays(columns, names=[column.name for column in table.columns])
