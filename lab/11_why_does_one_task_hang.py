# %% [markdown]
# # 11 Why does one task hang?
#
# - **Engines:** spark
# - **Minutes:** 40
# - **Exam objectives:** 4.1, 4.2
# - **You learn:** how to see skew, and what AQE, a broadcast and salting do about it: measured, not promised.

# %% [markdown] tags=["question"]
# ## The question
#
# A job gives each event the name of its product. 199 of 200 tasks are done in seconds, the last one runs for an hour.
# More machines do not help. Why?
#
# The lesson needs Spark: Sail has no tasks that one could count. The next cell writes a log of about a million events:
# each record of the shop a hundred times. Small as it is, Spark would broadcast the products, so that is turned off;
# and eight partitions are enough for a laptop.

# %%
import time
from contextlib import contextmanager

from pyspark.sql import functions as F
from support import open_shop, plan_of, require, try_answer

shop = open_shop("spark")
truth, folder, spark = shop.truth, shop.scratch("11"), shop.spark
COPIES, TASKS = 100, 8
raw = spark.read.text(shop.path("events")).select(F.get_json_object("value", "$.product_id").alias("product_id"))
copies = raw.crossJoin(spark.range(COPIES)).withColumn("event_id", F.expr("uuid()"))
copies.select("event_id", "product_id").repartition(TASKS).write.parquet(str(folder / "events"))
events = spark.read.parquet(str(folder / "events"))

names = spark.read.parquet(shop.path("products")).where("product_id IS NOT NULL")
latest = names.groupBy("product_id").agg(F.max("product_name").alias("name"))
latest.write.parquet(str(folder / "products"))
products = spark.read.parquet(str(folder / "products"))
EVENTS = truth["lines"]["events"] * COPIES
PLAIN = {
    "spark.sql.shuffle.partitions": str(TASKS),
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.sql.files.maxPartitionBytes": "4MB",
    "spark.sql.adaptive.enabled": "false",
}


@contextmanager
def settings(values):
    """Settings of the session for the time of a `with`."""
    before = {name: spark.conf.get(name, None) for name in values}
    for name, value in values.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            spark.conf.unset(name) if value is None else spark.conf.set(name, value)


def records_by_task(rows):
    """The records that each task of the join returns, the most first."""
    by_task = rows.withColumn("task", F.spark_partition_id()).groupBy("task")
    counted = by_task.agg(F.count("*").alias("records"), F.max("event_id"), F.max("name"))
    return sorted((row["records"] for row in counted.collect()), reverse=True)


results = {}


def measure(label, rows):
    """Run a join, and keep its seconds and the records of its tasks."""
    started = time.perf_counter()
    tasks = records_by_task(rows)
    results[label] = (time.perf_counter() - started, tasks)
    return tasks


# %% [markdown]
# ## The wrong way
#
# A left join, because no event may be lost, with Spark's adaptive execution (AQE) off, as it was before Spark 3.2.

# %% tags=["wrong"]
with settings(PLAIN):
    joined = events.join(products, "product_id", "left")
    records_by_task(joined)  # Java is slow the first time
    tasks_of_plain = measure("sort-merge join, AQE off", joined)
    plan = plan_of(joined)
print(f"{sum(tasks_of_plain):,} events in {len(tasks_of_plain)} tasks")

# %% [markdown]
# ## The evidence
#
# A sort-merge join sends all rows of a key to one task. The cell counts the records of each: one has far more than an
# eighth. Then it asks for the keys that have most rows. The first is null: page views, carts and checkouts have no
# product. They match nothing, and yet all of them travel to one task, because a left join must keep them.
#
# On a cluster the same is in the UI, at the stage: the *max* of duration and shuffle read is far from the *median*.

# %% tags=["evidence"]
print(f"Records of the tasks: {', '.join(f'{number:,}' for number in tasks_of_plain)}")
top = events.groupBy("product_id").count().orderBy(F.desc("count")).first()
print(f"The most frequent key is {top['product_id']}: {top['count'] / EVENTS:.0%} of all rows.")
assert "SortMergeJoin" in plan
assert sum(tasks_of_plain) == EVENTS
assert top["product_id"] is None
assert tasks_of_plain[0] >= top["count"]
assert tasks_of_plain[0] > 2 * EVENTS / TASKS

# %% [markdown]
# ## The right way
#
# Ask first whether the join is needed for these rows at all. Here it is not: shoplake joins what has a product, or
# broadcasts the small side (`F.broadcast` in its tables), and then nothing is shuffled. If both sides are large, there
# are AQE and salting. All of it is measured below.

# %% tags=["right"]
with settings(PLAIN):
    tasks = measure("broadcast", events.join(F.broadcast(products), "product_id", "left"))
    assert "BroadcastHashJoin" in plan_of(events.join(F.broadcast(products), "product_id", "left"))
assert sum(tasks) == EVENTS
assert tasks[0] < tasks_of_plain[0]

# %% [markdown]
# **AQE** (on by default) looks at the sizes of the shuffle's partitions before it starts the next stage. It merges
# small ones, and splits one that is five times larger than the median *and* larger than 256 MB. On a laptop nothing is
# larger than that: with its defaults AQE does not help here. The second measurement lowers the limits to a megabyte.
# AQE splits only what comes straight out of a shuffle, on both sides of the join. With an aggregate in between it
# splits nothing, which is why the products are read from a file.

# %%
AQE = PLAIN | {"spark.sql.adaptive.enabled": "true"}
MEGABYTE = {
    "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes": "1MB",
    "spark.sql.adaptive.skewJoin.skewedPartitionFactor": "2",
    "spark.sql.adaptive.advisoryPartitionSizeInBytes": "1MB",
}
with settings(AQE):
    tasks_of_defaults = measure("AQE, default limits", events.join(products, "product_id", "left"))
with settings(AQE | MEGABYTE):
    tasks_of_aqe = measure("AQE, limits of 1 MB", events.join(products, "product_id", "left"))
print(f"Largest task: {tasks_of_defaults[0]:,} with the defaults, {tasks_of_aqe[0]:,} with limits of 1 MB")
assert sum(tasks_of_defaults) == sum(tasks_of_aqe) == EVENTS
assert tasks_of_defaults[0] >= tasks_of_plain[0]
assert tasks_of_aqe[0] < tasks_of_plain[0] / 2

# %% [markdown]
# **Salting** makes a hot key several keys: a random number beside it on the large side, and every number beside each
# row of the other side, or rows lose their partner. The other side grows by the number of salts, each row of the large
# side gets wider, and its hash has two columns. So salt only what is hot. Nulls are easy: they match nothing, so the
# other side need not know their salt at all.

# %%
SALTS = 16
with_salt = events.withColumn("salt", (F.rand(1) * SALTS).cast("int"))
every_salt = products.withColumn("salt", F.explode(F.sequence(F.lit(0), F.lit(SALTS - 1))))
null_key = F.concat(F.lit("none-"), (F.rand(1) * SALTS).cast("int").cast("string"))
spread = events.withColumn("key", F.coalesce("product_id", null_key))
with settings(PLAIN):
    tasks_of_salted = measure(f"all keys salted × {SALTS}", with_salt.join(every_salt, ["product_id", "salt"], "left"))
    keyed = products.withColumnRenamed("product_id", "key")
    tasks_of_nulls = measure("only nulls salted", spread.join(keyed, "key", "left"))
assert sum(tasks_of_salted) == sum(tasks_of_nulls) == EVENTS
assert tasks_of_salted[0] < tasks_of_plain[0]
assert tasks_of_nulls[0] < tasks_of_plain[0]

# %% [markdown]
# The table, from your machine. On one machine all tasks share the same cores, so a smaller largest task saves little,
# and the extra work of salting is paid in full: **salting can lose**, also against the skew that it repairs. On a
# cluster, where one task keeps all others waiting, the largest task decides. Measure there, and try in this order:
# filter, broadcast, AQE, salt.

# %%
for label, (seconds, tasks) in sorted(results.items(), key=lambda each: each[1][0]):
    print(f"{label:26} {seconds:6.1f} s  {len(tasks):2} tasks, the largest with {tasks[0]:9,} records")
assert len(results) == 6

# %% [markdown] tags=["question"]
# ## Your turn
#
# Write the join with salt yourself: return all events with the columns `event_id` and `name`, so that no task of the
# join has more than half of the records of the plain one. AQE is off, as above, and both sides count as too large for a
# broadcast. `salts` is the number of salts. You may salt all keys, or the nulls alone.

# %% tags=["exercise"]
def answer(events, products, salts):
    """All events with the name of their product, or null; no task has too many of them."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events, products, salts):
    """All events with the name of their product, or null; no task has too many of them."""
    with_salt = events.withColumn("salt", (F.rand() * salts).cast("int"))
    every_salt = products.withColumn("salt", F.explode(F.sequence(F.lit(0), F.lit(salts - 1))))
    return with_salt.join(every_salt, ["product_id", "salt"], "left").select("event_id", "name")


# %% tags=["mistake"] hint="lost their name"
def mistake_salts_one_side(events, products, salts):
    """Gives each row of the products a single salt."""
    with_salt = events.withColumn("salt", (F.rand() * salts).cast("int"))
    one_salt = products.withColumn("salt", F.lit(0))
    return with_salt.join(one_salt, ["product_id", "salt"], "left").select("event_id", "name")


# %% tags=["mistake"] hint="more than once"
def mistake_joins_without_the_salt(events, products, salts):
    """Repeats the products, and joins by the product alone."""
    every_salt = products.withColumn("salt", F.explode(F.sequence(F.lit(0), F.lit(salts - 1))))
    return events.join(every_salt, "product_id", "left").select("event_id", "name")


# %% tags=["check"]
def check(answer):
    """Count the rows, the names and the records of each task."""
    known = [row["product_id"] for row in products.select("product_id").collect()]
    named = events.where(F.col("product_id").isin(known)).count()
    with settings(PLAIN):
        rows = answer(events, products, SALTS)
        require({"event_id", "name"} <= set(rows.columns), "Return the columns event_id and name.")
        plan = plan_of(rows)
        require("Broadcast" not in plan, "A broadcast is best where a side is small. Here both count as large: salt.")
        is_late = "Exchange" in plan.partition("Join")[0]
        require(not is_late, "You spread the rows behind the join, where one task had them already. Do it before.")
        found = rows.agg(F.count("*").alias("events"), F.count("name").alias("named")).first()
        require(found["events"] <= EVENTS, "Events are there more than once. Is the salt part of the join's key?")
        require(found["events"] == EVENTS, f"{EVENTS - found['events']:,} events are gone. Keep all: a left join.")
        missing = named - found["named"]
        require(missing == 0, f"{missing:,} events lost their name: each product needs a row for every salt.")
        largest = records_by_task(rows)[0]
    require(largest <= tasks_of_plain[0] / 2, f"A task still has {largest:,} records. Salt the large side at random.")


try_answer("11", check, answer)
