# %% [markdown]
# # 05 What did they look at?
#
# - **Engines:** sail, spark
# - **Minutes:** 25
# - **Exam objectives:** 3.1, 3.7
# - **You learn:** to select, rename and split columns, and to turn an array into rows with `explode`.

# %% [markdown] tags=["question"]
# ## The question
#
# The shop wants a list: which products do visitors look at most, and which of them are sold? The first half is in the
# events, one JSON object a line. The second half is in the orders, where each order holds an array of lines.

# %%
from decimal import Decimal

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
events = shop.spark.read.text(shop.path("events")).select(
    F.from_json("value", "event_name string, product_id string, page_url string").alias("event")
)

# %% [markdown]
# ## The wrong way
#
# Count the rows of each product and take the first one. It is short, it runs, and it is wrong.

# %% tags=["wrong"]
most_viewed = events.groupBy("event.product_id").count().orderBy(F.desc("count")).limit(3).collect()
for row in most_viewed:
    print(row["product_id"], row["count"])

# %% [markdown]
# ## The evidence
#
# The product at the top has no name. An event without a product is counted as if it were one: `groupBy` makes a group
# of all nulls. The group also mixes events: a purchase is no look. The next cell counts both.

# %% tags=["evidence"]
views = events.where("event.event_name = 'product_view'")
without_product = events.where("event.product_id is null").count()
other_events = events.where("event.product_id is not null and event.event_name <> 'product_view'").count()
print(f"The first product is {most_viewed[0]['product_id']}, with {most_viewed[0]['count']} events.")
print(f"{without_product} events name no product, {other_events} events of a product are no look at it.")
assert most_viewed[0]["product_id"] is None
assert most_viewed[0]["count"] == without_product
assert other_events > 0

# %% [markdown]
# ## The right way
#
# 1. Say which rows are meant: `where`.
# 2. Say which columns are meant, under the names that the reader knows: `select` with `alias`. `withColumnRenamed`
#    renames one column and keeps the others; `withColumns` adds several.
# 3. Split a text into its parts: `split` makes an array, `getItem` or `element_at` takes one of them.
#
# shoplake does the same when it maps raw records to `silver.events`: one `select` in the order of the declared columns.
# Duplicates and invalid records are gone there, so this table is what to count.

# %% tags=["right"]
looks = (
    shop.table("silver.events")
    .where("event_name = 'product_view'")
    .select("product_id", F.split("page_url", "/").alias("parts"), F.col("event_at").alias("looked_at"))
    .withColumn("page", F.element_at("parts", -1))
    .withColumnRenamed("looked_at", "looked_at_utc")
    .drop("parts")
)
looks.show(3, truncate=False)
print(f"{looks.count()} looks; the ground truth says {shop.truth['events_by_name']['product_view']}.")
assert looks.count() == shop.truth["events_by_name"]["product_view"]

# %% [markdown]
# ### An array becomes rows
#
# An order has an array of lines. `explode` makes a row of each element; an order without lines disappears, which
# `explode_outer` prevents. `posexplode` also gives the position. A struct's fields are taken with a dot, or all at once
# with `line.*`.

# %%
ORDER = "order_id string, lines array<struct<product_id string, quantity int, unit_price decimal(18,2)>>"
orders = (
    shop.spark.read.text(shop.path("orders"))
    .select(F.from_json("value", ORDER).alias("order"))
    .select("order.*")
    .where("order_id is not null")
    .dropDuplicates(["order_id"])
)
orders.select("order_id", F.explode("lines").alias("line")).select("order_id", "line.*").show(3)

# %% [markdown]
# ### From rows to a list, and back
#
# `printSchema` shows columns and types. `orderBy` sorts, nulls first where the order ascends. `collect` fetches all
# rows as a list, `toLocalIterator` as a loop over them, `first` and `take` some. A list becomes a DataFrame by
# `createDataFrame`; name the types, for they are guessed otherwise.

# %%
orders.printSchema()
several = [row["order_id"] for row in orders.orderBy("order_id").toLocalIterator() if len(row["lines"]) > 1]
wanted = shop.spark.createDataFrame([(order_id,) for order_id in several], "order_id string")
assert orders.join(wanted, "order_id", "left_semi").count() == len(several)
print(f"{len(several)} orders have several lines.")

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return one row a product that was sold, with the columns `product_id`, `units` (how many pieces) and `gross_sales`
# (pieces × price). `orders` has one row an order.

# %% tags=["exercise"]
def answer(orders):
    """One row a product sold: product_id, units, gross_sales."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(orders):
    """One row a product sold: product_id, units, gross_sales."""
    lines = orders.select(F.explode("lines").alias("line")).select("line.*")
    return lines.groupBy("product_id").agg(
        F.sum("quantity").alias("units"), F.sum(F.col("quantity") * F.col("unit_price")).alias("gross_sales")
    )


# %% tags=["mistake"] hint="only the first line"
def mistake_first_line(orders):
    """Takes the first line of each order instead of all."""
    lines = orders.select(F.element_at("lines", 1).alias("line")).select("line.*")
    return lines.groupBy("product_id").agg(
        F.sum("quantity").alias("units"), F.sum(F.col("quantity") * F.col("unit_price")).alias("gross_sales")
    )


# %% tags=["mistake"] hint="lines, not pieces"
def mistake_counts_lines(orders):
    """Counts the lines instead of adding up their quantities."""
    lines = orders.select(F.explode("lines").alias("line")).select("line.*")
    return lines.groupBy("product_id").agg(F.count("*").alias("units"), F.sum("unit_price").alias("gross_sales"))


# %% tags=["check"]
def check(answer):
    """Compare the totals of the answer with the ground truth, and each product with its lines."""
    rows = answer(orders).collect()
    require(
        rows and {"product_id", "units", "gross_sales"} <= set(rows[0].asDict()),
        "Return the columns product_id, units and gross_sales.",
    )
    lines = orders.select(F.explode("lines").alias("line"))
    units = sum(row["units"] for row in rows)
    require(len({row["product_id"] for row in rows}) == len(rows), "A product has more than one row. Group by product.")
    require(units != lines.count(), "You counted lines, not pieces: a line has a quantity. Add up the quantities.")
    first = orders.agg(F.sum(F.element_at("lines", 1)["quantity"])).first()[0]
    require(units != first, "You took only the first line of each order. explode makes a row of every line.")
    require(units == shop.truth["units"], f"There are {units} units; the shop sold {shop.truth['units']}.")
    total = sum(row["gross_sales"] for row in rows)
    require(total == Decimal(shop.truth["gross_sales"]), f"Gross sales are {total}, not {shop.truth['gross_sales']}.")
    sold = {}
    for line in lines.collect():
        pieces, sales = sold.get(line["line"]["product_id"], (0, 0))
        quantity = line["line"]["quantity"]
        sold[line["line"]["product_id"]] = (pieces + quantity, sales + quantity * line["line"]["unit_price"])
    wrong = [row["product_id"] for row in rows if sold.get(row["product_id"]) != (row["units"], row["gross_sales"])]
    require(not wrong, f"The totals are right, but not those of {len(wrong)} products, such as {wrong[:1]}.")


try_answer("05", check, answer)
