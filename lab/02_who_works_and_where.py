# %% [markdown]
# # 02 Who works, and where?
#
# - **Engines:** sail, spark
# - **Minutes:** 25
# - **Exam objectives:** 1.1, 1.2, 1.3, 6.2
# - **You learn:** what the driver and the executors do, and why rows should not travel to the driver.

# %% [markdown] tags=["question"]
# ## The question
#
# How many events of each kind did the shop have? The table fits into a laptop today. It will not in a year. Which
# machine reads it, which one counts, and which one gets the answer?

# %%
import os

from pyspark.sql import functions as F
from support import open_shop, require, try_answer, watch

shop = open_shop()
events = shop.table("silver.events").select("event_id", "event_name", "visitor_id", "event_at")

# %% [markdown]
# ## The wrong way
#
# Fetch the rows, then count in Python. Spark becomes a slow way to open a file.

# %% tags=["wrong"]
with watch(shop.spark) as fetched:
    counts = {}
    for row in events.collect():
        counts[row["event_name"]] = counts.get(row["event_name"], 0) + 1
print(counts)

# %% [markdown]
# ## The evidence
#
# `collect` sends every row to this process, which is one Python thread on one core. The cluster waits. The **driver**
# plans a query and hands out tasks; the **executors** on the worker nodes read files and count, each task on one core,
# with a part of the executor's memory. Your program, with Spark Connect, is a third party: it sends plans to the
# driver and receives results.

# %% tags=["evidence"]
with watch(shop.spark) as counted:
    by_name = {row["event_name"]: row["count"] for row in events.groupBy("event_name").count().collect()}
print(f"Fetched: {fetched.rows_received} rows, {fetched.bytes_received} bytes.")
print(f"Counted where the data is: {counted.rows_received} rows, {counted.bytes_received} bytes.")
assert counts == by_name
assert fetched.rows_received == events.count()
assert counted.rows_received == len(by_name)
assert fetched.bytes_received > 20 * counted.bytes_received

# %% [markdown]
# ### Where a Python function runs
#
# `mapInPandas` gives a function the batches of a partition. It runs in a Python worker beside the executor, not here.
# On Spark the worker is another process, on a cluster another machine. Sail is embedded: its workers are threads of
# this very process, but each function is still pickled, sent and unpickled. Either way it is a **copy**: a variable of
# your program that it changes stays as it was.


# %% tags=["evidence"]
def worker_process(batches):
    """One row for each partition: the process that works on it."""
    for batch in batches:
        yield batch[["event_id"]].head(1).assign(event_id=str(os.getpid()))
        return


workers = {row["event_id"] for row in events.mapInPandas(worker_process, "event_id string").collect()}
print(f"This program is process {os.getpid()}. The functions ran in {', '.join(sorted(workers))}.")
assert workers
assert (str(os.getpid()) in workers) != shop.is_spark

# %% [markdown]
# ## The right way
#
# Count where the rows are, and fetch only the answer. The session is the door to all this: one program needs one
# `SparkSession`. `getOrCreate` finds the one that is there; `stop` ends it. It holds the configuration of the session,
# the temporary views and the catalogue.
#
# | mode | driver | executors | used for |
# | --- | --- | --- | --- |
# | local | this machine | threads of the driver, `local[4]` has four | tests, lessons |
# | client | where you start the program | on the cluster | notebooks |
# | cluster | on the cluster | on the cluster | jobs |
#
# A DataFrame is rows whose columns are known when the program runs. Scala and Java also have a `Dataset[T]`, whose rows
# are objects of a type that the compiler checks, and whose functions Spark cannot look into; there a DataFrame is a
# `Dataset[Row]`. Python has DataFrames alone.
#
# Cores multiply tasks: 4 executors with 4 cores run 16 tasks at a time. Memory is shared by the tasks of an executor,
# between execution (joins, sorts) and storage (what is cached).

# %% tags=["right"]
print(f"Spark {shop.spark.version}, shuffle partitions: {shop.spark.conf.get('spark.sql.shuffle.partitions', 'unset')}")
by_day = events.groupBy(F.to_date("event_at").alias("day")).agg(F.count("*").alias("events"))
print(f"{len(by_day.collect())} rows came to this program.")
assert by_name == {name: count for name, count in shop.truth["events_by_name"].items() if count}

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return how many events each event name has, as a dictionary such as `{"purchase": 12, …}`. At most 100 rows may come
# to your program.

# %% tags=["exercise"]
def answer(events):
    """The number of events by name."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events):
    """The number of events by name."""
    return {row["event_name"]: row["count"] for row in events.groupBy("event_name").count().collect()}


# %% tags=["mistake"] hint="came to your program"
def mistake_fetches_all(events):
    """Fetches all rows and counts them in Python."""
    found = {}
    for row in events.select("event_name").collect():
        found[row["event_name"]] = found.get(row["event_name"], 0) + 1
    return found


# %% tags=["mistake"] hint="copy of your variable"
def mistake_changes_a_copy(events):
    """Adds up in a variable of the driver from a function that runs in a worker."""
    found = {}

    def add(batches):
        for batch in batches:
            for name in batch["event_name"]:
                found[name] = found.get(name, 0) + 1
            yield batch[["event_id"]].head(0)

    events.select("event_id", "event_name").mapInPandas(add, "event_id string").count()
    return found


# %% tags=["check"]
def check(answer):
    """Compare with the ground truth, and count the rows that travelled."""
    with watch(shop.spark) as traffic:
        found = answer(events)
    require(isinstance(found, dict), f"Return a dictionary of counts by name, not {type(found).__name__}.")
    expected = {name: count for name, count in shop.truth["events_by_name"].items() if count}
    require(found != {}, "The answer is empty. A function in a worker changes a copy of your variable, not yours.")
    require(found == expected, f"Expected {expected}, not {found}.")
    require(
        traffic.rows_received <= 100,
        f"Right numbers, but {traffic.rows_received} rows came to your program. Group first, then collect.",
    )


try_answer("02", check, answer)
