# %% [markdown]
# # 08 How many visitors?
#
# - **Engines:** sail, spark
# - **Minutes:** 25
# - **Exam objectives:** 3.3, 3.7
# - **You learn:** to count distinct values exactly and approximately, and to summarise and rank.

# %% [markdown] tags=["question"]
# ## The question
#
# How many people visited the shop? Each event has a `visitor_id`: the customer where known, else the browser.

# %%
from pyspark.sql import Window
from pyspark.sql import functions as F
from support import open_shop, require, try_answer, watch

shop = open_shop()
events = shop.table("silver.events").select("event_date", "event_name", "visitor_id", "customer_id", "product_id")

# %% [markdown]
# ## The wrong way
#
# Fetch the ids and let Python count the different ones.

# %% tags=["wrong"]
with watch(shop.spark) as fetched:
    visitors = len({row["visitor_id"] for row in events.select("visitor_id").collect()})
print(visitors, "visitors")

# %% [markdown]
# ## The evidence
#
# The number is right, and the way cannot grow: each event travels to this program and each id stays in its memory. The
# second wrong way is cheaper and wrong: the visitors of each day, added up. Who comes on two days counts twice.
# Distinct counts do not add up, neither over days nor over products.

# %% tags=["evidence"]
daily = events.groupBy("event_date").agg(F.countDistinct("visitor_id").alias("visitors"))
added_up = daily.agg(F.sum("visitors")).first()[0]
with watch(shop.spark) as counted:
    exact = events.agg(F.countDistinct("visitor_id")).first()[0]
print(f"Rows received: {fetched.rows_received}, or {counted.rows_received}.")
print(f"{exact} visitors; added up by day {added_up}.")
assert visitors == exact == shop.truth["visitors"]
assert fetched.rows_received > 1000 * counted.rows_received
assert added_up > exact

# %% [markdown]
# ## The right way
#
# `countDistinct` is exact, and shuffles every id. `approx_count_distinct` keeps a sketch of some kilobytes for each
# group (HyperLogLog++) and errs by a few percent; on Spark its second argument is the relative error that it may have,
# 5 % by default. Sketches can be merged, exact counts cannot. Use the exact one for what is paid by, and the
# approximate one for charts over billions of rows. Measure the error once on your data, as here.

# %% tags=["right"]
approximate = events.agg(F.approx_count_distinct("visitor_id")).first()[0]
error = abs(approximate - exact) / exact
print(f"approx_count_distinct: {approximate}, an error of {error:.1%}")
assert error < 0.1

# %% [markdown]
# ### Summaries and ranks
#
# `summary` and `describe` give count, mean, deviation, minimum and maximum of columns, `summary` also quartiles.
# `rank` numbers rows within a window, here the products of each day: equal values share a place and leave a gap,
# `dense_rank` leaves none, `row_number` breaks ties by chance unless the order is total.

# %% tags=["right"]
looks = events.where("event_name = 'product_view'")
counts = (F.count("*").alias("views"), F.countDistinct("visitor_id").alias("visitors"))
views = looks.groupBy("product_id").agg(*counts)
views.select("views", "visitors").summary("count", "mean", "min", "50%", "max").show()
by_day = looks.groupBy("event_date", "product_id").count()
place = F.rank().over(Window.partitionBy("event_date").orderBy(F.desc("count")))
by_day.withColumn("place", place).where("place = 1").orderBy("event_date", "product_id").show(5)
assert views.agg(F.sum("views")).first()[0] == shop.truth["events_by_name"]["product_view"]

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return how many visitors put something into a cart and how many purchased, in the whole period, without bots:
# `{"add_to_cart": 12, "purchase": 3}`. At most 10 rows may come to your program. `events` has the columns event_date,
# event_name, visitor_id, customer_id and is_bot.

# %% tags=["exercise"]
def answer(events):
    """The visitors of add_to_cart and of purchase, without bots."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events, visitor="visitor_id"):
    """The visitors of add_to_cart and of purchase, without bots."""
    some = events.where("NOT is_bot AND event_name IN ('add_to_cart', 'purchase')")
    rows = some.groupBy("event_name").agg(F.countDistinct(visitor).alias("visitors")).collect()
    return {row["event_name"]: row["visitors"] for row in rows}


# %% tags=["mistake"] hint="do not add up"
def mistake_adds_up_days(events):
    """Adds up the visitors of each day."""
    some = events.where("NOT is_bot AND event_name IN ('add_to_cart', 'purchase')")
    daily = some.groupBy("event_name", "event_date").agg(F.countDistinct("visitor_id").alias("visitors"))
    rows = daily.groupBy("event_name").agg(F.sum("visitors").alias("visitors")).collect()
    return {row["event_name"]: row["visitors"] for row in rows}


# %% tags=["mistake"] hint="without a customer"
def mistake_counts_customers(events):
    """Counts customers: countDistinct ignores nulls, and most visitors are not logged in."""
    return solution(events, "customer_id")


# %% tags=["check"]
def check(answer):
    """Compare with the ground truth, and count the rows that travelled."""
    given = shop.table("silver.events").select("event_date", "event_name", "visitor_id", "customer_id", "is_bot")
    bot = {"visitor_id": F.lit("a bot"), "customer_id": F.lit("a bot"), "is_bot": F.lit(True)}
    carts = given.where("event_name = 'add_to_cart'").limit(1).withColumns(bot)
    with watch(shop.spark) as traffic:
        found = answer(given.unionByName(carts))
    expected = {name: shop.truth["funnel_visitors"][name] for name in ("add_to_cart", "purchase")}
    require(isinstance(found, dict) and found.keys() == expected.keys(), f"Return the keys {', '.join(expected)}.")
    wrong = [name for name in expected if found[name] != expected[name]]
    require(
        not any(found[name] > expected[name] for name in wrong),
        "There are too many. Distinct counts do not add up: who comes on two days is one visitor. Are bots left out?",
    )
    require(
        not wrong,
        f"{', '.join(wrong)}: too few. Visitors without a customer have no customer_id; nulls do not count.",
    )
    require(traffic.rows_received <= 10, f"Right, but {traffic.rows_received} rows came to your program.")


try_answer("08", check, answer)
