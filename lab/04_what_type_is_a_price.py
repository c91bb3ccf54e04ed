# %% [markdown]
# # 04 What type is a price?
#
# - **Engines:** sail, spark
# - **Minutes:** 35
# - **Exam objectives:** 2.1, 2.2, 3.6
# - **You learn:** to declare a schema, to read and write the usual formats, and what a bad record does to each.

# %% [markdown] tags=["question"]
# ## The question
#
# The bookkeeper adds up the orders of three weeks and misses a fraction of a cent. The files say 117.99. Who changed
# the price?

# %%
from decimal import Decimal

from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DecimalType, IntegerType, StringType, StructField, StructType, TimestampType
from support import open_shop, plan_of, require, try_answer, watch

shop = open_shop()
lines = shop.spark.read.text(shop.path("orders"))
scratch = shop.scratch("04")
whole = sorted({row["value"] for row in lines.collect() if row["value"].endswith("}") and "order_id" in row["value"]})
(scratch / "orders.json").write_text("\n".join(whole))

# %% [markdown]
# ## The wrong way
#
# Let the reader find the types. It reads the files once to guess, and again to answer.

# %% tags=["wrong"]
with watch(shop.spark) as guessing:
    guessed = shop.spark.read.json(str(scratch / "orders.json"))
    guessed_type = dict(guessed.select(F.explode("lines").alias("line")).select("line.*").dtypes)["unit_price"]
sold = guessed.dropDuplicates(["order_id"]).select(F.explode("lines").alias("line")).select("line.*")
total = sold.agg(F.sum(F.col("quantity") * F.col("unit_price"))).first()[0]
print(f"unit_price is {guessed_type}, gross sales are {total!r}")

# %% [markdown]
# ## The evidence
#
# A number with a point is guessed as `double`. A double has no 117.99; it has the nearest sum of powers of two, and the
# errors add up. And a single record can change the type of a whole column: the events have a few prices that are not
# numbers, and with them in the folder, the guess is text (Spark), or reading fails (Sail). The answer then depends on
# which files are there today.

# %% tags=["evidence"]
print(f"{Decimal(total)} is not {shop.truth['gross_sales']}. {guessing.plans_analyzed} plans were sent to guess.")
assert guessed_type == "double"
assert Decimal(total) != Decimal(shop.truth["gross_sales"])
try:
    event_type = dict(shop.spark.read.json(shop.path("events")).dtypes)["price"]
except Exception as error:
    event_type = f"unknown: {type(error).__name__}"
print(f"The guessed type of price in the events: {event_type}")
assert not event_type.startswith(("double", "decimal"))
assert guessing.plans_analyzed > 0

# %% [markdown]
# ## The right way
#
# Declare the schema, as a `StructType` or as text: `order_id string, ordered_at timestamp`. Money is a decimal: exact,
# with a fixed number of places. `decimal(18,2)` has 18 digits, two of them behind the point.
#
# A record that does not fit has three ways out, by the reader's `mode`: `PERMISSIVE` makes nulls, `DROPMALFORMED` drops
# it silently, `FAILFAST` stops. shoplake takes none of them. It reads lines as text, maps fields with `parse_as`, and
# sends what does not fit to a quarantine with a reason: nothing is lost, nothing is guessed.

# %% tags=["right"]
LINE = StructType(
    [
        StructField("product_id", StringType()),
        StructField("quantity", IntegerType()),
        StructField("unit_price", DecimalType(18, 2)),
    ]
)
ORDER = StructType(
    [
        StructField("order_id", StringType()),
        StructField("ordered_at", TimestampType()),
        StructField("lines", ArrayType(LINE)),
    ]
)
declared = shop.spark.read.schema(ORDER).json(str(scratch / "orders.json"))
declared.printSchema()
orders = declared.dropDuplicates(["order_id"])
exact = orders.select(F.explode("lines").alias("line")).agg(F.sum(F.expr("line.quantity * line.unit_price"))).first()[0]
print(f"Gross sales are {exact}")
assert str(exact) == shop.truth["gross_sales"]

reasons = shop.table("silver.events_quarantine").select(F.explode("reasons").alias("reason"))
misfits = reasons.where("reason = 'price_fits_type'").count()
print(f"{misfits} events have a price that is no number. They are in the quarantine, with their raw text.")
assert misfits == shop.truth["quarantined"]["events"]["wrong_type_price"]

# %% [markdown]
# ### Formats
#
# | format | has types | reads single columns | good for |
# | --- | --- | --- | --- |
# | text | no | no | raw lines that nothing may reject |
# | CSV | no | no | what others send |
# | JSON | some | no | events, nested records |
# | Parquet | yes | yes | tables; Delta's files |
# | ORC | yes | yes | tables of Hive; Spark reads it, Sail does not |
# | JDBC | yes | yes | tables of a database; Spark reads it, Sail does not |
#
# A write has a mode: `error` (the default), `append`, `overwrite`, `ignore`.

# %% tags=["right"]
flat = orders.select("order_id", F.explode("lines").alias("line")).select("order_id", "line.*")
types = {}
for name in ("json", "csv", "parquet", *(["orc"] if shop.is_spark else [])):
    path = str(scratch / name)
    flat.write.mode("overwrite").options(header=True).format(name).save(path)
    reader = shop.spark.read.options(header=True).format(name)
    types[name] = dict(reader.load(path).dtypes)["unit_price"]
print(types)
assert types["parquet"] == "decimal(18,2)"
assert types["csv"] == "string"

# %% [markdown]
# ### A database
#
# JDBC reads and writes tables of a database; its types come along. A filter is *pushed down*: the database evaluates
# it. Without a `column` to partition by, a single task reads the whole table. The cell uses Derby, a database in a
# folder that Spark has with it, and runs on Spark alone.

# %% tags=["right"]
if shop.is_spark:
    url = f"jdbc:derby:{scratch / 'database'};create=true"
    driver = {"driver": "org.apache.derby.iapi.jdbc.AutoloadedDriver"}
    flat.write.jdbc(url, "order_lines", mode="overwrite", properties=driver)
    parts = {"column": "quantity", "lowerBound": 1, "upperBound": 5, "numPartitions": 4}
    database = shop.spark.read.jdbc(url, "order_lines", **parts, properties=driver)
    print(plan_of(database.where("quantity > 2")))
    assert dict(database.dtypes)["unit_price"] == "decimal(18,2)"
    assert "GreaterThan" in plan_of(database.where("quantity > 2"))
    assert len(database.collect()) == len(flat.collect())

# %% [markdown] tags=["question"]
# ## Your turn
#
# `lines` has the raw lines of the orders in the column `value`; some are cut off, some are there twice. Return one row
# a line of an order: `order_id`, `quantity` (int) and `unit_price` (a decimal with two places), each order once.
# `from_json` parses a text with a schema and returns null, or a struct of nulls, for a line that is no JSON. Name the
# fields that you need: on Sail, a time with a `T` inside is an error there, not a timestamp.

# %% tags=["exercise"]
def answer(lines):
    """One row a line of an order: order_id, quantity, unit_price."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(lines, price="decimal(18,2)"):
    """One row a line of an order: order_id, quantity, unit_price."""
    schema = f"order_id string, lines array<struct<quantity int, unit_price {price}>>"
    parsed = lines.select(F.from_json("value", schema).alias("order")).select("order.*")
    once = parsed.where("order_id is not null").dropDuplicates(["order_id"])
    return once.select("order_id", F.explode("lines").alias("line")).select("order_id", "line.*")


# %% tags=["mistake"] hint="no 117.99"
def mistake_double(lines):
    """Takes doubles for money."""
    return solution(lines, "double")


# %% tags=["mistake"] hint="no places behind the point"
def mistake_decimal_without_places(lines):
    """Forgets that a decimal without numbers is decimal(10,0)."""
    return solution(lines).select("order_id", "quantity", F.col("unit_price").cast("decimal").alias("unit_price"))


# %% tags=["check"]
def check(answer):
    """Compare the types, and the exact total with the ground truth."""
    rows = answer(lines)
    types = dict(rows.dtypes)
    require(
        {"order_id", "quantity", "unit_price"} <= set(types), "Return the columns order_id, quantity and unit_price."
    )
    require(types["quantity"] == "int", f"quantity is {types['quantity']}, not int.")
    require(
        types["unit_price"] not in ("double", "float"),
        f"unit_price is a {types['unit_price']}, which has no 117.99. Use a decimal.",
    )
    require(
        types["unit_price"] != "decimal(10,0)",
        "unit_price is decimal(10,0): a decimal without numbers has no places behind the point.",
    )
    require(types["unit_price"].endswith(",2)"), f"unit_price is {types['unit_price']}, not a decimal with two places.")
    total = F.sum(F.col("quantity") * F.col("unit_price"))
    is_unknown = F.col("order_id").isNull()
    found = rows.agg(F.countDistinct("order_id"), total, F.count("*"), F.count_if(is_unknown)).first()
    require(found[0] == shop.truth["orders"], f"There are {found[0]} orders, not {shop.truth['orders']}.")
    require(not found[3], "A row has no order_id: it is of a line that is cut off.")
    expected = flat.count()
    count = f"There are {found[2]} rows, not {expected}."
    require(found[2] <= expected, f"{count} An order that arrived twice counts once.")
    require(found[2] == expected, f"{count} Lines of an order may be equal: remove repeated orders, not rows.")
    require(str(found[1]) == shop.truth["gross_sales"], f"The total is {found[1]}, not {shop.truth['gross_sales']}.")


try_answer("04", check, answer)
