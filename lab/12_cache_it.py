# %% [markdown]
# # 12 Cache it?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 1.3
# - **You learn:** when rows are computed again, what `cache` and `persist` keep, and when they only cost memory.

# %% [markdown] tags=["question"]
# ## The question
#
# A report needs three numbers of the same rows, and a column of these rows is dear: it calls a function that takes
# long. How often does the function run, and how is it made to run once?
#
# The cell makes such a column. The function writes a byte into a file for each call, so that calls can be counted.
# (That works where the engine's workers share your disk, as on one machine.)

# %%
from decimal import Decimal

from pyspark import StorageLevel
from pyspark.sql import functions as F
from pyspark.sql.functions import udf
from support import open_shop, plan_of, require, try_answer

shop = open_shop()
truth, folder = shop.truth, shop.scratch("12")
CALLS = str(folder / "calls")
lines = (
    shop.table("silver.order_lines")
    .where("line_class = 'goods' AND kind = 'sale'")
    .select("order_id", "quantity", "amount")
)


@udf("decimal(18,4)")
def dear(amount):
    """The amount as it is, after long thought."""
    with open(CALLS, "ab") as file:
        file.write(b".")
    return amount


def calls():
    """The calls since the last time you asked."""
    with open(CALLS, "ab+") as file:
        number = file.tell()
        file.truncate(0)
    return number


rows = lines.withColumn("amount", dear("amount"))
sold, line_count = Decimal(truth["gross_sales"]), lines.count()

# %% [markdown]
# ## The wrong way
#
# Three numbers, three actions. And, because somebody heard that it makes things fast, a `cache()` of a table that is
# read once.

# %% tags=["wrong"]
total = rows.agg(F.sum("amount")).first()[0]
units = rows.agg(F.sum(F.when(F.col("amount") > 0, F.col("quantity")))).first()[0]
largest = rows.agg(F.max("amount")).first()[0]
calls_of_three = calls()

read_once = lines.cache()
read_once.agg(F.sum("quantity")).first()
print(f"{total:.2f}, {units} units, the largest line {largest:.2f}: {calls_of_three} calls for {line_count} lines")

# %% [markdown]
# ## The evidence
#
# A `DataFrame` is a plan, not a result. Each action runs the whole plan: the function ran three times for each line.
#
# `cache()` is lazy too. It marks the plan, and the first action that reads all rows stores them: it costs memory and
# the time to store, and pays only from the second action on. On Spark a plan that reads the stored rows says
# `InMemory`. Sail accepts `cache()`, and stores nothing. The call is there so that programs run, and the plan says what
# is true.

# %% tags=["evidence"]
cached = lines.withColumn("amount", dear("amount")).cache()
cached.agg(F.sum("amount")).first()
cached.agg(F.max("amount")).first()
calls_of_cached = calls()
is_in_memory = "InMemory" in plan_of(cached)
print(f"Without cache: {calls_of_three} calls in three actions. With cache: {calls_of_cached} in two.")
print(f"{shop.engine}: the plan reads {'stored rows' if is_in_memory else 'the files again'}.")
assert calls_of_three == 3 * line_count
assert is_in_memory == shop.is_spark
assert calls_of_cached == (line_count if shop.is_spark else 2 * line_count)
cached.unpersist()
read_once.unpersist()

# %% [markdown]
# ## The right way
#
# **One action.** Aggregates of the same rows belong into one `agg`: one pass, nothing to store, on any engine.
# shoplake's tables have no `cache` at all: each is one query, written once.

# %% tags=["right"]
numbers = rows.agg(
    F.sum("amount").alias("total"),
    F.sum(F.when(F.col("amount") > 0, F.col("quantity"))).alias("units"),
    F.max("amount").alias("largest"),
).first()
calls_of_one = calls()
print(f"{numbers.total:.2f}, {numbers.units} units, {numbers.largest:.2f}: {calls_of_one} calls")
assert calls_of_one == line_count
assert (numbers.total, numbers.units) == (sold, truth["units"])

# %% [markdown]
# **A table.** Rows that several queries need, or several jobs, or tomorrow's run, are written: a staging table in the
# lake. It survives the session, is there for all engines, has statistics (lesson 10), and takes no memory of executors.

# %%
rows.write.format("delta").save(str(folder / "staged"))
staged = shop.spark.read.format("delta").load(str(folder / "staged"))
assert staged.agg(F.sum("amount")).first()[0] == sold
assert staged.agg(F.sum("quantity")).first()[0] == truth["units"]
calls_of_staged = calls()
print(f"Staged and read twice: {calls_of_staged} calls")
assert calls_of_staged == line_count

# %% [markdown]
# **A cache**, on Spark, for rows that one session reads several times with different questions: somebody explores, a
# model is trained in many passes. Say how they are kept, and let go of them.
#
# | storage level | rows are | if memory is short |
# | --- | --- | --- |
# | `MEMORY_AND_DISK_DESER` (default of `cache` and `persist`) | objects in columns, fast to read | go to the disk |
# | `MEMORY_AND_DISK` | bytes, smaller, slower to read | go to the disk |
# | `MEMORY_ONLY` | in memory | are computed again |
# | `DISK_ONLY` | on the disk of the executor | – |
# | `…_2` | on two executors: one may be lost | |
# | `OFF_HEAP` | outside of the Java heap, where no garbage collector looks | |
#
# Storage and execution share one part of an executor's memory (`spark.memory.fraction`, 60 % of the heap less 300 MB).
# A sort or a join that needs room pushes cached rows out, down to `spark.memory.storageFraction`. Many cached objects
# also make the garbage collector work: it looks through all of them. In the UI the page *Storage* says what is kept,
# and the column *GC time* of a stage says what it costs; more than a tenth of the time is too much. Then keep less,
# keep it serialised, or take smaller executors.

# %%
kept = lines.persist(StorageLevel.MEMORY_AND_DISK)
kept.count()
level = kept.storageLevel
print(f"{shop.engine} reports: {level}")  # Sail reports a level too, whatever it stores
assert level.useMemory
kept.unpersist()
if shop.is_spark:
    assert not kept.storageLevel.useMemory

# %% [markdown] tags=["question"]
# ## Your turn
#
# `rows` has a dear column, `amount`. Return a dictionary with `orders` (how many different orders), `units` (the sum of
# `quantity`) and `gross_sales` (the sum of `amount`). The dear function may run once for each line, on any engine, and
# nothing may stay in memory.

# %% tags=["exercise"]
def answer(rows):
    """The orders, units and gross sales of the rows, in one pass."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(rows):
    """The orders, units and gross sales of the rows, in one pass."""
    return (
        rows.agg(
            F.count_distinct("order_id").alias("orders"),
            F.sum("quantity").alias("units"),
            F.sum("amount").alias("gross_sales"),
        )
        .first()
        .asDict()
    )


# %% tags=["mistake"] hint="times for each line"
def mistake_an_action_each(rows):
    """Asks for each number by itself, of all columns."""
    return {
        "orders": len({row.order_id for row in rows.collect()}),
        "units": sum(row.quantity for row in rows.collect()),
        "gross_sales": rows.agg(F.sum("amount")).first()[0],
    }


# %% tags=["mistake"] hint="unpersist"
def mistake_keeps_the_cache(rows):
    """Caches, and does not let go."""
    rows.cache()
    return solution(rows)


# %% tags=["check"]
def watch_cache(rows):
    """A list that gets True when rows are cached, and False when they are let go."""
    kept = []
    for name in ("cache", "persist", "unpersist"):

        def watched(*arguments, _call=getattr(rows, name), _keeps=name != "unpersist", **named):
            kept.append(_keeps)
            return _call(*arguments, **named)

        setattr(rows, name, watched)
    return kept


def check(answer):
    """Compare the numbers with the ground truth, and count the calls."""
    rows = lines.withColumn("amount", dear("amount"))
    kept = watch_cache(rows)
    calls()
    found = answer(rows)
    number, is_kept = calls(), bool(kept) and kept[-1]
    rows.unpersist()
    require(isinstance(found, dict) and {"orders", "units", "gross_sales"} <= set(found), "Return a dictionary.")
    for name in ("orders", "units"):
        require(found[name] == truth[name], f"{name} is {found[name]}, not {truth[name]}.")
    require(found["gross_sales"] == sold, f"gross_sales is {found['gross_sales']}, not {sold}.")
    require(not is_kept, "The rows are still in the cache. Nobody reads them again: unpersist, or do not cache them.")
    require(
        number <= line_count,
        f"The dear function ran {number / line_count:.0f} times for each line. Ask for all numbers in one action.",
    )


try_answer("12", check, answer)
