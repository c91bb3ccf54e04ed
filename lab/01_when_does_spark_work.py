# %% [markdown]
# # 01 When does Spark do anything?
#
# - **Engines:** sail, spark
# - **Minutes:** 25
# - **Exam objectives:** 1.4, 1.6, 1.7
# - **You learn:** what a transformation and an action are, and to answer several questions with one action.

# %% [markdown] tags=["question"]
# ## The question
#
# The manager asks for three numbers: how many events there were, how many looks at a product, and how many purchases.
# The shop grows, and the report takes longer each week. Where does the time go?

# %%
from pyspark.sql import functions as F
from support import open_shop, plan_of, require, try_answer, watch

shop = open_shop()
events = shop.table("silver.events").select("event_name", "visitor_id", "is_bot")

# %% [markdown]
# ## The wrong way
#
# Look at the data after each step, as one does in a notebook, to see whether all is well.

# %% tags=["wrong"]
with watch(shop.spark) as step_by_step:
    print(events.count(), "events")
    looks = events.where("event_name = 'product_view'")
    print(looks.count(), "looks")
    purchases = events.where("event_name = 'purchase'")
    print(purchases.count(), "purchases")

# %% [markdown]
# ## The evidence
#
# `watch` counts what is sent to the server. `select`, `where` and `groupBy` are **transformations**: they only describe
# a plan. `count`, `collect`, `show`, `toPandas` and a write are **actions**: each sends the plan and has it executed,
# from the files on. Nothing is kept between two actions, so three counts read the table three times.

# %% tags=["evidence"]
with watch(shop.spark) as lazy:
    described = events.where("event_name = 'purchase'").groupBy("is_bot").agg(F.count("*").alias("events"))
print(f"Three counts: {step_by_step.plans_executed} plans executed. A chain of transformations: {lazy.plans_executed}.")
assert step_by_step.plans_executed == 3
assert lazy.plans_executed == 0

# %% [markdown]
# ### What an action becomes
#
# An action becomes a **job**. A job is cut into **stages** wherever rows must be exchanged between partitions (a
# *shuffle*), and each stage runs one **task** for each partition. `select` and `where` need no exchange: they are
# *narrow*. `groupBy`, `join`, `orderBy` and `distinct` are *wide*. The plan shows the exchange before anything runs:
# Spark calls it `Exchange`, Sail `RepartitionExec` with a hash.


# %% tags=["evidence"]
def exchanges(rows):
    """The number of shuffles in a plan, on either engine."""
    lines = plan_of(rows).splitlines()
    return sum("Exchange " in line or ("RepartitionExec" in line and "Hash" in line) for line in lines)


narrow = events.where("event_name = 'purchase'").select("visitor_id")
print(f"where and select: {exchanges(narrow)} shuffles. groupBy: {exchanges(described)}.")
assert exchanges(narrow) == 0
assert exchanges(described) == 1

# %% [markdown]
# ## The right way
#
# Describe all that is asked, then act once. An aggregate takes a condition: the `sum` of a `when`. The table
# is read once, however many numbers there are.
#
# Errors come late, too: a plan with a column that does not exist is sent when an action, or a question for its schema,
# needs it. On Spark Connect even a wrong column name waits until then.

# %% tags=["right"]
with watch(shop.spark) as once:
    row = events.agg(
        F.count("*").alias("events"),
        F.sum(F.when(F.col("event_name") == "product_view", 1).otherwise(0)).alias("looks"),
        F.sum(F.when(F.col("event_name") == "purchase", 1).otherwise(0)).alias("purchases"),
    ).first()
print(row.asDict(), f"with {once.plans_executed} plan")
assert once.plans_executed == 1
assert row["events"] == shop.truth["events"]

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return a dictionary with the keys `events`, `add_to_cart` and `checkout_started`: how many events there are, and how
# many of these two names. Use one action. `events` has one row an event, with the column `event_name`.

# %% tags=["exercise"]
def answer(events):
    """The numbers of events, of add_to_cart and of checkout_started."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events):
    """The numbers of events, of add_to_cart and of checkout_started."""
    named = {
        name: F.sum(F.when(F.col("event_name") == name, 1).otherwise(0)) for name in ("add_to_cart", "checkout_started")
    }
    counts = events.agg(F.count("*").alias("events"), *[column.alias(name) for name, column in named.items()])
    return counts.first().asDict()


# %% tags=["mistake"] hint="3 plans"
def mistake_three_actions(events):
    """Counts three times."""
    counts = {name: events.where(F.col("event_name") == name).count() for name in ("add_to_cart", "checkout_started")}
    return {"events": events.count(), **counts}


# %% tags=["mistake"] hint="false is a value"
def mistake_counts_false(events):
    """Counts a condition, which is true or false and hardly ever null."""
    return (
        events.agg(
            F.count("*").alias("events"),
            F.count(F.col("event_name") == "add_to_cart").alias("add_to_cart"),
            F.count(F.col("event_name") == "checkout_started").alias("checkout_started"),
        )
        .first()
        .asDict()
    )


# %% tags=["check"]
def check(answer):
    """Compare with the ground truth, and count the actions."""
    names = ("add_to_cart", "checkout_started")
    expected = {"events": shop.truth["events"]} | {name: shop.truth["events_by_name"][name] for name in names}
    with watch(shop.spark) as traffic:
        counts = answer(events)
    require(not hasattr(counts, "columns"), "Return a dictionary. A DataFrame is a plan: nothing ran yet.")
    require(isinstance(counts, dict), f"Return a dictionary, not {type(counts).__name__}: asDict() makes one of a Row.")
    counts = {name: counts.get(name) for name in expected}
    require(
        all(counts[name] != expected["events"] for name in names),
        "You counted a condition. count counts what is not null, and false is a value. Use sum of a when.",
    )
    require(counts == expected, f"Expected {expected}, not {counts}.")
    require(
        traffic.plans_executed == 1,
        f"Right numbers, but {traffic.plans_executed} plans were executed. Ask for all numbers in one agg.",
    )


try_answer("01", check, answer)
