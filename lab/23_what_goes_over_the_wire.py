# %% [markdown]
# # 23 What goes over the wire?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 6.1, 6.2
# - **You learn:** what a Spark Connect client sends and receives, why errors come late, deployment modes.

# %% [markdown] tags=["question"]
# ## The question
#
# An analyst counts events from a laptop, over the hotel's network. One notebook answers in a second, another one hangs
# for a minute. Both ask the same server. What is the difference?

# %%
from contextlib import contextmanager

from pyspark.errors import AnalysisException, PySparkAttributeError
from pyspark.sql import functions as F
from support import open_shop, require, try_answer, watch

shop = open_shop()
spark = shop.spark
events = shop.table("silver.events")


def plan_bytes(rows):
    """The size of a query as the client sends it."""
    return len(rows._plan.to_proto(rows.sparkSession.client).SerializeToString())


@contextmanager
def counted_requests(session):
    """Count the requests to analyse a plan."""
    client, requests = session.client, []
    original = client._analyze
    client._analyze = lambda method, **given: (requests.append(method), original(method, **given))[1]
    try:
        yield requests
    finally:
        del client._analyze


# %% [markdown]
# ## The wrong way: fetch the rows, then count
#
# With `pandas` in mind one fetches the table and works on it. It is right, and all rows travel.

# %% tags=["wrong"]
fetched = events.toArrow()
by_hand = {}
for name in fetched["event_name"].to_pylist():
    by_hand[name] = by_hand.get(name, 0) + 1
print(by_hand)

# %% [markdown]
# Older notebooks reach for the RDD or the `SparkContext`. A Spark Connect client has neither: there is no JVM in its
# process. The error says so, and it has a name that a program can read.

# %% tags=["wrong"]
for attempt in (lambda: spark.sparkContext, lambda: events.rdd):
    try:
        attempt()
        raise SystemError("this session is a classic one: run the lesson through Spark Connect")
    except PySparkAttributeError as error:
        print(error.getCondition())

# %% [markdown]
# ## The evidence
#
# The client builds a *plan*: a description of the query, as a protobuf message. It sends the plan, the server answers
# with Arrow batches. Both sizes can be read.

# %% tags=["evidence"]
counted = events.groupBy("event_name").count()
answer_bytes = counted.toArrow().nbytes
print(f"fetch everything: {plan_bytes(events):>6,} bytes of plan, {fetched.nbytes:>9,} bytes of rows")
print(f"count there:      {plan_bytes(counted):>6,} bytes of plan, {answer_bytes:>9,} bytes of rows")
assert fetched.nbytes > 1_000 * answer_bytes

# %% [markdown]
# ### Errors come late
#
# The plan is sent when something is asked of it. A table that does not exist is no error until then: the line that
# fails is not the line that is wrong.

# %% tags=["evidence"]
unknown = spark.table("no_such_table").where("price > 0").groupBy("product_id").count()
print("No error so far: nothing was sent.")
try:
    print(unknown.schema)
    raise SystemError("the server knows a table of this name")
except AnalysisException as error:
    print(f"{type(error).__name__}: {str(error).splitlines()[0][:80]}")

# %% [markdown]
# ### Asking costs a journey
#
# `columns`, `schema`, `isStreaming` and `explain` ask the server. A loop that adds a column and looks at the columns
# each time asks each time, and each step makes the plan longer.

# %% tags=["evidence"]
NAMES = [f"is_{name}" for name in sorted(by_hand)]
with counted_requests(spark) as in_loop:
    rows = events.select("event_id", "event_name")
    for name in NAMES:
        if name not in rows.columns:
            rows = rows.withColumn(name, F.col("event_name") == name.removeprefix("is_"))
looped = rows

with counted_requests(spark) as at_once:
    together = events.select("event_id", "event_name").withColumns(
        {name: F.col("event_name") == name.removeprefix("is_") for name in NAMES}
    )
print(f"loop: {len(in_loop)} requests, {plan_bytes(looped):,} bytes; at once: {len(at_once)}, {plan_bytes(together):,}")
assert len(in_loop) == len(NAMES)
assert not at_once
assert plan_bytes(looped) > plan_bytes(together)

# %% [markdown]
# ## The right way
#
# Let the server work, fetch the answer, and know your columns instead of asking for them. shoplake's tables are pure
# functions of DataFrames that take their columns from declarations. The next cell builds the whole plan of
# `gold.sales_daily`, with its joins and aggregates, and counts what it asks on the way: one request at most.

# %% tags=["right"]
sales_daily = shop.lake.find("gold.sales_daily")
inputs = [shop.table(shop.lake.find(name).qualified_name) for name in sales_daily.inputs]
with counted_requests(spark) as requests:
    sales = sales_daily(*inputs, feeds=shop.lake.settings.feeds)
print(f"{sales_daily.qualified_name}: {plan_bytes(sales):,} bytes of plan, requests: {len(requests)}")
assert len(requests) <= 1
assert sales.select("sales_date").distinct().count() > 0

# %% [markdown]
# ### Where the parts run
#
# | mode | driver | executors | used for |
# | --- | --- | --- | --- |
# | local (`local[4]`) | one process on this machine | threads in it | development, tests |
# | client | where the program was submitted | on the cluster | notebooks, shells: the driver must stay reachable |
# | cluster | on the cluster | on the cluster | jobs: the machine that submitted it may go away |
# | Spark Connect | in the server, on the cluster | on the cluster | any client with the library; it holds plans only |
#
# With Spark Connect the client may be a small machine, may have another Python, and may go away and come back: the
# session lives on the server. Many clients share one driver, each in a session of its own. Not supported: RDDs,
# `SparkContext`, broadcast variables and accumulators, and whatever needs the JVM in the client. Sail speaks the same
# protocol, which is why these lessons run on it: here the server is a part of this process, and `local` is its mode.

# %% tags=["right"]
print(type(spark).__module__, spark.version)
assert type(spark).__module__ == "pyspark.sql.connect.session"

# %% [markdown] tags=["question"]
# ## Your turn
#
# How many events of each name are there? Return a DataFrame with the columns `event_name` and `events`, whose rows are
# counted on the server: neither the events nor their names may travel.


# %% tags=["exercise"]
def answer(events):
    """One row per event name: event_name, events."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events):
    """A plan of three steps; nothing is fetched."""
    return events.groupBy("event_name").agg(F.count("*").alias("events"))


# %% tags=["mistake"] hint="counted in the client"
def mistake_collects(events):
    """Fetches the events and counts them in Python."""
    counts = {}
    for row in events.select("event_name").collect():
        counts[row["event_name"]] = counts.get(row["event_name"], 0) + 1
    return list(counts.items())


# %% tags=["mistake"] hint="inside its plan"
def mistake_sends_rows_back(events):
    """Fetches the names, and sends them back in the plan."""
    names = events.select("event_name").toPandas()
    return spark.createDataFrame(names).groupBy("event_name").agg(F.count("*").alias("events"))


# %% tags=["check"]
def check(answer):
    """Measure the plan, and compare the counts with the ground truth."""
    with watch(spark) as traffic:
        given = answer(events)
    require(hasattr(given, "_plan"), "The rows were counted in the client. Return a DataFrame, which is a plan.")
    require(
        plan_bytes(given) < 10_000, f"The query is {plan_bytes(given):,} bytes long: it carries rows inside its plan."
    )
    received = traffic.rows_received
    require(received == 0, f"{received:,} rows came to your program, and went back in the plan. Let the server count.")
    require(set(given.columns) == {"event_name", "events"}, "Return the columns event_name and events.")
    found = {row["event_name"]: row["events"] for row in given.collect()}
    require(found == shop.truth["events_by_name"], f"{found} is not what the shop recorded.")


try_answer("23", check, answer)
