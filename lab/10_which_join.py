# %% [markdown]
# # 10 Which join?
#
# - **Engines:** sail, spark
# - **Minutes:** 35
# - **Exam objectives:** 3.9, 3.10
# - **You learn:** how to read in a plan which side of a join is moved, and how to have the small one broadcast.

# %% [markdown] tags=["question"]
# ## The question
#
# How many looks at a product were on a day on which that product was sold? The looks are many. The pairs of a product
# and a day with a sale are few. The next cell writes a log that is large enough for an engine to have a choice: each
# event of the shop forty times.

# %%
import os
import subprocess

from pyspark.sql import functions as F
from pyspark.sql.functions import udf
from support import open_shop, plan_of, require, try_answer

shop = open_shop()
truth, folder = shop.truth, shop.scratch("10")
COPIES = 40
events = shop.table("silver.events").select("event_id", "event_name", "event_date", "product_id")
copies = events.crossJoin(shop.spark.range(COPIES))
copies.withColumn("event_id", F.concat_ws("-", "event_id", "id")).write.parquet(str(folder / "log"))

log = shop.spark.read.parquet(str(folder / "log"))
views = log.where("event_name = 'product_view'").select("event_id", "product_id", "event_date")
sold = log.where("event_name = 'purchase'").select("product_id", "event_date").distinct()
BROADCAST_LIMIT = "spark.sql.autoBroadcastJoinThreshold"
if shop.is_spark:
    shop.spark.conf.set(BROADCAST_LIMIT, "100KB")  # it is 10 MB, and the whole log of this shop is smaller
print(f"{views.count():,} looks, {sold.count()} pairs of a product and a day with a sale")
assert views.count() == truth["events_by_name"]["product_view"] * COPIES

# %% [markdown]
# ## The wrong way
#
# Write the join, and leave the rest to the engine. The number is right.

# %% tags=["wrong"]
joined = views.join(sold, ["product_id", "event_date"])
matches = joined.count()
print(f"{matches:,} looks on a day with a sale")

# %% [markdown]
# ## The evidence
#
# There are two ways to bring rows with the same key together:
#
# - **Shuffle both sides.** Each row goes to the task that has its key. Spark then sorts both sides and goes through
#   them side by side: a sort-merge join. In the plan: `Exchange hashpartitioning` on both sides, `SortMergeJoin`.
# - **Collect the small side**, make a hash table of it, and give it to every task; the large side stays where it is. In
#   Spark's plan: `BroadcastExchange`, `BroadcastHashJoin`. In Sail's: `HashJoinExec: mode=CollectLeft`, and the first
#   of the two inputs below it is the one that is collected.
#
# The engine decides by an estimate of the sizes. It knows the size of a file. It does not know how many rows a filter
# and a `distinct` leave. The cell reads in the plan what it decided: Spark shuffles all looks; Sail makes the hash
# table of the looks, not of the few pairs.

# %% tags=["evidence"]
def first_input(plan, operator="HashJoinExec"):
    """The lines of a plan below the first input of an operator: what a hash join of Sail collects."""
    lines = plan.splitlines()
    at = next(number for number, line in enumerate(lines) if operator in line)

    def depth(line):
        return len(line) - len(line.lstrip())

    inputs = [line for line in lines[at + 1 :] if line.strip()]
    end = next((number for number, line in enumerate(inputs[1:], 1) if depth(line) <= depth(inputs[0])), len(inputs))
    return "\n".join(inputs[:end])


def is_large_side_moved(rows):
    """Whether a join shuffles the looks, or makes the hash table of them."""
    plan = plan_of(rows)
    if shop.is_spark:
        return "SortMergeJoin" in plan
    return "mode=Partitioned" in plan or "product_view" in first_input(plan)


print("The large side is", "moved." if is_large_side_moved(joined) else "not moved.")
assert is_large_side_moved(joined)
assert views.count() > 100 * sold.count()

# %% [markdown]
# ## The right way
#
# **Give the engine a size that it can trust.** Write the small side as a table, and read it: the size of a file is
# known. That is what shoplake does. A run writes each table once, and the next one reads it with its statistics.

# %% tags=["right"]
sold.write.parquet(str(folder / "sold"))
written = shop.spark.read.parquet(str(folder / "sold"))
right = views.join(written, ["product_id", "event_date"], "left_semi")
print("The large side is", "moved." if is_large_side_moved(right) else "not moved.")
assert not is_large_side_moved(right)
assert right.count() == matches

# %% [markdown]
# **Or tell it.** `F.broadcast(rows)` is a hint: this side is small. Spark follows it whatever it estimates, also if you
# are wrong: a side that does not fit makes the driver run out of memory. Sail decides by statistics alone, and
# ignores the hint. shoplake's tables have the hint wherever a side is known to be small, for Spark.
#
# With AQE (lesson 11) Spark looks again when the first stage is done: it then knows the true size and can still
# broadcast, but the shuffle of that side has been paid for.

# %%
hinted = views.join(F.broadcast(sold), ["product_id", "event_date"], "left_semi")
assert hinted.count() == matches
if shop.is_spark:
    assert "BroadcastHashJoin" in plan_of(hinted)
    assert not is_large_side_moved(hinted)
print("With the hint the large side is", "moved." if is_large_side_moved(hinted) else "not moved.")

# %% [markdown]
# ### Broadcast variables and accumulators
#
# The same idea, by hand, in the classic API: `sparkContext.broadcast(value)` sends a value once to each executor
# instead of with every task, and `sparkContext.accumulator(0)` is a number that tasks add to and only the driver reads.
#
# Both need the `SparkContext`, which a client of Spark Connect does not have: not here, and not on a shared cluster of
# Databricks. What to use instead:
#
# | classic | everywhere |
# | --- | --- |
# | a broadcast variable of a dictionary | a value that the function refers to: it is sent with the function |
# | … that is large | a small table, and a broadcast join |
# | an accumulator | an aggregate; `DataFrame.observe` for a count beside a result (Spark) |

# %%
try:
    shop.spark.sparkContext  # noqa: B018
    message = ""
except Exception as error:
    message = str(error).split(". ")[0]
print(message)
assert "sparkContext" in message

names = {row.product_id: row.product_name for row in shop.table("silver.products").where("is_current").collect()}


@udf("string")
def name_of(product_id):
    """The name of a product; the dictionary travels with the function."""
    return names.get(product_id)


named = events.where("event_name = 'purchase'").withColumn("name", name_of("product_id"))
counts = named.agg(F.count("*").alias("all"), F.count_if(F.col("name").isNull()).alias("unknown")).first()
print(f"{counts['unknown']} of {counts['all']} purchases are of an unknown product.")
assert counts["all"] == truth["events_by_name"]["purchase"]
assert counts["unknown"] == 0

# %% [markdown]
# An accumulator in a transformation also counts wrong. It adds up whenever a task runs: again for each action, and
# again for a task that failed and was repeated. The next cell shows it on classic Spark, in a process of its own, if
# this lesson runs on Spark. An aggregate is part of the result, and right however often it is computed.

# %%
CLASSIC = """
from pyspark.sql import SparkSession

spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
context = spark.sparkContext
prices = context.broadcast({"P000001": 5})
unknown = context.accumulator(0)

def price(product):
    if product not in prices.value:
        unknown.add(1)
    return prices.value.get(product)

rows = context.parallelize(["P000001", "P000002", "P000003"]).map(price)
rows.collect()
after_one_action = unknown.value
rows.count()
print("accumulator", after_one_action, unknown.value)
spark.stop()
"""
if shop.is_spark:
    from shoplake.engine.session.spark.install import install

    plain = {name: value for name, value in os.environ.items() if "SPARK" not in name}  # this process is a client
    done = subprocess.run([install().python, "-c", CLASSIC], env=plain, capture_output=True, text=True, check=True)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("accumulator")]
    print(f"Two products are unknown. After one action and after two: {line}")
    assert line == "accumulator 2 4"
else:
    print("Start this lesson with SHOPLAKE_LAB_ENGINE=spark to see it.")

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return the looks on a day with a sale, each once, with a plan that does not move the looks. `views` is large; `sales`
# are the purchases: few, but a product can be sold several times on a day. You may write into `folder` (a
# `pathlib.Path`).

# %% tags=["exercise"]
def answer(spark, views, sales, folder):
    """The looks on a day on which the product was sold."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(spark, views, sales, folder):
    """The looks on a day on which the product was sold."""
    sales.distinct().write.parquet(str(folder / "sold"))
    sold = spark.read.parquet(str(folder / "sold"))
    return views.join(F.broadcast(sold), ["product_id", "event_date"], "left_semi")


# %% tags=["mistake"] hint="once for each sale"
def mistake_inner_join(spark, views, sales, folder):
    """An inner join: a row for each pair."""
    sales.write.parquet(str(folder / "sold"))
    sold = spark.read.parquet(str(folder / "sold"))
    return views.join(F.broadcast(sold), ["product_id", "event_date"])


# %% tags=["mistake"] hint="are moved"
def mistake_leaves_it_to_the_engine(spark, views, sales, folder):
    """The right rows, with a small side whose size nobody knows."""
    return views.join(sales.distinct(), ["product_id", "event_date"], "left_semi")


# %% tags=["check"]
def check(answer):
    """Compare the rows with a count without a join, and read the plan."""
    if shop.is_spark:
        shop.spark.conf.set(BROADCAST_LIMIT, "100KB")
    sales = log.where("event_name = 'purchase'").select("product_id", "event_date")
    found = answer(shop.spark, views, sales, shop.scratch("10-answer"))
    days_with_sale = {tuple(row) for row in sales.distinct().collect()}
    per_day = views.groupBy("product_id", "event_date").count().collect()
    assert sum(row["count"] for row in per_day) == truth["events_by_name"]["product_view"] * COPIES
    expected = sum(row["count"] for row in per_day if (row.product_id, row.event_date) in days_with_sale)
    number = found.count()
    require(
        number <= expected,
        f"{number:,} rows instead of {expected:,}: a look is there once for each sale, or on a day without one.",
    )
    require(number == expected, f"{number:,} rows instead of {expected:,}: some looks are missing.")
    way = "Write it, or broadcast it." if shop.is_spark else "Write it and read it: Sail ignores the hint to broadcast."
    require(
        not is_large_side_moved(found),
        f"The looks are moved: the engine does not know that the other side is small. {way}",
    )


try_answer("10", check, answer)
