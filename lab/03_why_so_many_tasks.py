# %% [markdown]
# # 03 Why 200 tasks for 6 rows?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 1.5, 4.1
# - **You learn:** what a partition is, and to choose how many there are with `repartition` and `coalesce`.

# %% [markdown] tags=["question"]
# ## The question
#
# The shop counts its events by name. There are six names, and Spark starts 200 tasks. Why, and does it matter?

# %%
import re

from pyspark.sql import functions as F
from support import open_shop, plan_of, require, try_answer

shop = open_shop()
events = shop.table("silver.events").select("event_id", "event_name", "visitor_id")
EXCHANGE = re.compile(r"(?:hashpartitioning\(.*?|Hash\(\[.*?\]|RoundRobinPartitioning\(|RoundRobinBatch\(),? ?(\d+)\)")


def planned_partitions(rows):
    """The numbers of partitions behind each exchange of a plan, on either engine."""
    return [int(number) for number in EXCHANGE.findall(plan_of(rows))]


def rows_by_partition(rows):
    """The number of rows in each partition that has any."""
    ids = [row[0] for row in rows.select(F.spark_partition_id()).collect()]
    return {each: ids.count(each) for each in sorted(set(ids))}


# %% [markdown]
# ## The wrong way
#
# More partitions are more parallel work, so take many. 200 is also what Spark takes by itself for every shuffle
# (`spark.sql.shuffle.partitions`).

# %% tags=["wrong"]
spread = events.repartition(200, "event_name")
print("Partitions that the plan asks for:", planned_partitions(spread.groupBy("event_name").count()))

# %% [markdown]
# ## The evidence
#
# A partition is a part of the rows that one task works on. Rows of one name go to one partition, because the partition
# is the hash of the name modulo 200. Six names fill six partitions at most. The other tasks start, find nothing and
# end; each costs some milliseconds of planning, and each that writes leaves a small file behind.

# %% tags=["evidence"]
filled = rows_by_partition(spread)
names = events.select("event_name").distinct().count()
print(f"{names} names, {len(filled)} partitions with rows, {200 - len(filled)} without.")
print(f"Rows in each: {sorted(filled.values())}")
assert 200 in planned_partitions(spread)
assert len(filled) <= names
assert max(filled.values()) > events.count() / 3

# %% [markdown]
# The sizes tell a second story: one name has more than a third of all events, and its task works longest. More
# partitions do not help; another column does.
#
# ## The right way
#
# - `repartition(n)` deals rows out evenly. It moves every row over the network.
# - `repartition(n, column)` puts equal values together. A later `groupBy` of that column needs no second exchange.
# - `coalesce(n)` merges whole partitions and moves no row between machines. It can only make fewer, and `coalesce(1)`
#   makes one task do everything before it, too. Behind a `repartition(n)` without a column, Sail may wait for ever.
# - `spark.sql.shuffle.partitions` says how many a shuffle makes. Two to three times the cores is a start, with 100 to
#   200 MB in each. On Spark, adaptive query execution merges small ones after the shuffle; Sail takes the cores.

# %% tags=["right"]
even = rows_by_partition(events.repartition(4))
print("repartition(4):", even)
together = events.repartition(4, "visitor_id")
print("repartition(4, 'visitor_id'):", rows_by_partition(together))
assert len(even) == 4
assert max(even.values()) < events.count() / 2
assert planned_partitions(events.coalesce(1)) == []

# %% [markdown] tags=["question"]
# ## Your turn
#
# A function reads the events of a visitor as one group, and needs all of them in one partition. Return the events in
# four partitions such that no visitor is in two of them.

# %% tags=["exercise"]
def answer(events):
    """The same events in four partitions, each visitor in one of them."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events):
    """The same events in four partitions, each visitor in one of them."""
    return events.repartition(4, "visitor_id")


# %% tags=["mistake"] hint="dealt out"
def mistake_round_robin(events):
    """Deals the rows out without looking at the visitor."""
    return events.repartition(4)


# %% tags=["mistake"] hint="instead of 4"
def mistake_default_number(events):
    """Takes as many partitions as Spark would."""
    return events.repartition(200, "visitor_id")


# %% tags=["check"]
def check(answer):
    """Look at the partition of each row."""
    rows = answer(events).select("visitor_id", F.spark_partition_id().alias("partition")).collect()
    require(len(rows) == shop.truth["events"], f"There are {len(rows)} events, not {shop.truth['events']}.")
    partitions = {row["partition"] for row in rows}
    require(len(partitions) <= 4, f"The rows are in {len(partitions)} partitions instead of 4.")
    pairs = {(row["visitor_id"], row["partition"]) for row in rows}
    split = len(pairs) - len({row["visitor_id"] for row in rows})
    hint = "Without the visitor's column, rows are dealt out or follow another one."
    require(split == 0, f"{split} times a visitor is in another partition too. {hint}")
    require(len(partitions) == 4, f"The rows are in {len(partitions)} partitions. Use all 4.")


try_answer("03", check, answer)
