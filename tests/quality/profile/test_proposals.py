"""Rules that are learnt from a clean shop find its kinds of fault, and a clean shop of another seed breaks none."""

import json
from collections import Counter
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F
from sample_tables import marks, prices

from shoplake.declare import Action, Feed, Replace, col, one_of
from shoplake.declare import table as declare
from shoplake.feeds import ZENITH
from shoplake.quality.profile.proposals import profile_table
from shoplake.simulate import generate
from shoplake.simulate.faults.events import MUTATIONS
from shoplake.tables.bronze.customers_raw import customers_raw
from shoplake.tables.bronze.events_raw import events_raw
from shoplake.tables.bronze.products_raw import products_raw
from shoplake.tables.gold.sales.sales_daily import sales_daily
from shoplake.tables.silver.customers import customers
from shoplake.tables.silver.events import events
from shoplake.tables.silver.products import products
from shoplake.transforms.expectations import is_satisfied

FEEDS = (Feed("shop", ZENITH, "landing", "Europe/London", "GBP"),)
RAW = {"events": events_raw, "customers": customers_raw, "products": products_raw}
TABLES = {"events": events, "customers": customers, "products": products}
HEADER = "customer_id,signup_date,location,email,phone,updated_at"


def bare(table):
    """The table without rules and required columns, so that only what is proposed is judged."""
    columns = [tuple(replace(each, required=False) for each in some) for some in (table.columns, table.change_columns)]
    return replace(table, rules=(), gates=(), columns=columns[0], change_columns=columns[1])


def lines():
    """One row per line of an order."""


def lines_of(folder, stream):
    for file in sorted((folder / stream).iterdir()):
        if file.suffix == ".parquet":
            yield from (json.dumps(row, default=str) for row in pq.read_table(file).to_pylist())
        else:
            lines = file.read_text().splitlines()
            yield from lines[1:] if file.suffix == ".csv" else lines


@pytest.fixture(scope="module")
def shops(tmp_path_factory):
    """The records of two clean shops by stream."""
    made = []
    for seed in (1, 2):
        folder = tmp_path_factory.mktemp("shop")
        generate(folder, events=4_000, customers=100, products=50, days=20, seed=seed)
        made.append({stream: list(lines_of(folder, stream)) for stream in ("events", "customers", "products")})
    return made


@pytest.fixture(scope="module")
def read(spark, tmp_path_factory):
    """Return the rows that a table makes of records, without what is known of the records themselves."""
    tables = {
        "events": (events_raw, events),
        "customers": (customers_raw, customers),
        "products": (products_raw, products),
    }

    def rows(stream, lines):
        raw, table = tables[stream]
        cells = [
            ("shop", line, "f", at, "b1", HEADER if stream == "customers" else None) for at, line in enumerate(lines)
        ]
        frame = spark.createDataFrame(
            cells, "feed string, raw string, file string, line bigint, batch_id string, header string"
        )
        others = [each for each in raw.columns if each.name not in frame.columns]
        frame = frame.select("*", *[F.lit(None).cast(each.type).alias(each.name) for each in others])
        inputs = [frame] + [frame.limit(0)] * (len(table.inputs) - 1)
        made = table(*inputs, **({"feeds": FEEDS} if "feeds" in table.parameters else {}))
        file = str(tmp_path_factory.mktemp("rows") / stream)
        made.select(*[each.name for each in table.output_columns]).write.parquet(file)
        return spark.read.parquet(file)

    return rows


@pytest.fixture(scope="module")
def learnt(read, shops):
    """What is proposed for each stream of the first shop."""
    found = {}
    for stream, table in TABLES.items():
        declared = bare(table)
        declared = replace(declared, columns=declared.output_columns)
        found[stream] = profile_table(declared, read(stream, shops[0][stream]), proposes=True).proposals
    return found


def broken(rows, proposals):
    rules = [each.rule for each in proposals if each.rule]
    counts = rows.agg(*[F.count_if(~is_satisfied(rule)).alias(rule.name) for rule in rules]).collect()[0].asDict()
    for each in proposals:
        if each.unique:
            counts[each.code] = rows.count() - rows.select(*each.unique).distinct().count()
    return {name: count for name, count in counts.items() if count}


def faults(shop):
    """Three records of each kind of fault, by stream and kind."""
    likely = [line for line in shop["events"] if json.loads(line)["quantity"] is not None][:3]
    for kind, mutate in MUTATIONS.items():
        some = [json.loads(line) for line in likely]
        for each in some:
            mutate(each)
        yield "events", kind, [json.dumps(each) for each in some]
    yield "events", "cut_json", [line[: len(line) // 2] for line in likely]
    yield "events", "duplicate_in_file", [*likely, *likely]
    yield "events", "conflicting_duplicate", [*likely, *[line.replace("/", "/x") for line in likely]]
    cells = [line.split(",") for line in shop["customers"][:3]]
    yield "customers", "missing_customer_id", [",".join(["", *each[1:]]) for each in cells]
    yield "customers", "invalid_email", [",".join([*each[:3], "nobody at home", *each[4:]]) for each in cells]
    some = [json.loads(line) for line in shop["products"][:3]]
    yield "products", "missing_product_id", [json.dumps(each | {"product_id": None}) for each in some]
    yield "products", "negative_price", [json.dumps(each | {"price": f"-{each['price']}"}) for each in some]


@pytest.mark.slow
def test_nine_of_ten_kinds_of_fault_break_a_proposed_rule(learnt, read, shops):
    caught = Counter()
    for stream, kind, lines in faults(shops[1]):
        caught[bool(broken(read(stream, lines), learnt[stream])), stream, kind] += 1

    missed = [each[1:] for each in caught if not each[0]]
    assert len(missed) <= 0.1 * len(caught), missed


@pytest.mark.sample
@pytest.mark.parametrize("stream", TABLES)
def test_a_clean_shop_of_another_seed_breaks_no_proposed_rule(learnt, read, shops, stream):
    assert learnt[stream]
    assert broken(read(stream, shops[1][stream]), learnt[stream]) == {}


def test_a_rule_that_the_last_days_break_is_not_proposed(spark, some):
    days = [{"feed": "s", "id": str(day), "at": f"2026-03-{day:02} 09:00", "day": None, "n": 1} for day in range(1, 21)]
    days = [row | {"day": f"2026-03-{day:02}"} for day, row in enumerate(days, 1)]
    days[-1]["n"] = -1

    codes = [each.code for each in profile_table(bare(marks), some(marks, *days), proposes=True).proposals]

    assert not any('"n' in code for code in codes if "positive" in code or "negative" in code)
    assert 'expect("id_present", "id IS NOT NULL")' in codes


def test_a_rule_that_a_row_without_a_day_breaks_is_not_proposed(some):
    days = [{"feed": "s", "id": str(day), "day": f"2026-03-{day:02}", "n": 1} for day in range(1, 21)]

    found = profile_table(bare(marks), some(marks, *days, {"feed": "s", "id": "none"}), proposes=True).proposals

    codes = [each.code for each in found]
    assert 'expect("id_present", "id IS NOT NULL")' in codes
    assert not any(code.startswith(('expect("day_present"', 'expect("n_present"')) for code in codes)


def test_versions_propose_rules_of_the_columns_that_they_keep(some):
    rows = [{"feed": "s", "thing": str(each), "price": "1", "valid_from": "2026-03-01"} for each in range(30)]

    codes = [each.code for each in profile_table(prices, some(prices, *rows), proposes=True).proposals]

    assert 'expect("price_positive", "price IS NULL OR price > 0")' in codes
    assert not any("changed_at" in code for code in codes)


def test_rules_that_the_table_has_are_not_proposed(spark, some):
    rows = [{"feed": "s", "id": str(each), "at": f"2026-03-01 09:{each:02}", "n": 1} for each in range(30)]

    codes = [each.code for each in profile_table(marks, some(marks, *rows), proposes=True).proposals]

    assert not any(code.startswith('expect("id_present"') or "n_positive" in code for code in codes)
    assert 'unique("feed", "id")' in codes


def test_only_what_identifies_a_row_is_proposed_to_be_unique(some):
    columns = [
        col("feed", "string", "Feed"),
        col("order_id", "string", "Order"),
        col("line", "int", "Line"),
        *(col(name, "string", "Text") for name in ("receipt_number", "note")),
        *(col(name, "bigint", "Number", unit="1") for name in ("tax_code", "pieces")),
        col("paid_at", "timestamp", "Time", unit="UTC"),
        col("amount", "decimal(18,2)", "Amount", unit="currency"),
    ]
    declared = declare("gold", key=["feed", "order_id", "line"], write=Replace(), columns=columns)(lines)
    rows = [
        {"feed": "s", "paid_at": f"2026-03-01 09:{n:02}", "line": 1}
        | {name: str(n) for name in ("order_id", "receipt_number", "note", "amount")}
        | {"tax_code": n, "pieces": n}
        for n in range(30)
    ]

    found = profile_table(declared, some(declared, *rows), proposes=True).proposals

    keys = [each.unique for each in found if each.unique]
    assert keys == [("feed", "order_id", "line"), ("feed", "receipt_number"), ("feed", "tax_code")]


def test_a_table_without_a_quarantine_gets_rules_that_warn(some):
    rows = [{"feed": "s", "sales_date": f"2026-03-{day:02}", "orders": day} for day in range(1, 21)]

    found = profile_table(sales_daily, some(sales_daily, *rows), proposes=True).proposals

    assert 'warn("orders_positive", "orders IS NULL OR orders > 0")' in [each.code for each in found]
    assert {each.rule.on_violation for each in found if each.rule} == {Action.WARN}


def test_values_with_quotes_are_code_that_declares_them(some):
    days = [f"2026-03-{day:02}" for day in range(1, 21)]
    rows = [{"feed": "s", "id": size, "at": day, "day": day, "n": 1} for day in days for size in ('5"', '7"')]

    found = profile_table(bare(marks), some(marks, *rows), proposes=True).proposals

    [code] = [each.code for each in found if each.code.startswith('one_of("id"')]
    assert eval(code) == one_of("id", '5"', '7"')  # the code of a proposal


def test_a_few_rows_propose_no_list_of_values(spark, some):
    rows = [{"feed": "s", "id": "a", "at": f"2026-03-0{day} 09:00", "n": 1} for day in (1, 2)]

    codes = [each.code for each in profile_table(bare(marks), some(marks, *rows), proposes=True).proposals]

    assert 'expect("id_present", "id IS NOT NULL")' in codes
    assert not any(code.startswith("one_of") for code in codes)
