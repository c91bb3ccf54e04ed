# %% [markdown]
# # 07 Which record counts?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 3.2
# - **You learn:** to remove duplicates with a declared winner, and to keep what is invalid apart.

# %% [markdown] tags=["question"]
# ## The question
#
# A tracker sends an event again when it gets no answer, so the files have events twice. Sometimes the second copy is
# another one: a minute later, with another quantity. What were the sales?

# %%
from decimal import Decimal
from numbers import Number

from pyspark.sql import Window
from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
FIELDS = "event_id string, event_ts string, event_name string, user_id string, anonymous_id string"
records = (
    shop.spark.read.text(shop.path("events"))
    .select(F.from_json("value", f"{FIELDS}, quantity string, price string").alias("event"))
    .select("event.*")
    .withColumns(
        {
            "event_at": F.expr("try_cast(event_ts AS timestamp)"),
            "pieces": F.expr("try_cast(quantity AS int)"),
            "unit_price": F.expr("try_cast(price AS decimal(18,2))"),
        }
    )
)
in_carts = records.where("event_name IN ('add_to_cart', 'remove_from_cart', 'purchase')")


def pieces_of(rows):
    """The pieces of all events together."""
    return rows.agg(F.sum("pieces")).first()[0]


# %% [markdown]
# ## The wrong way
#
# `dropDuplicates` keeps one record of each id.

# %% tags=["wrong"]
print(pieces_of(in_carts.dropDuplicates(["event_id"])), "pieces")

# %% [markdown]
# ## The evidence
#
# One record, but which? The one that a task sees first. The order of the rows decides, and it depends on files, tasks
# and engines: sorting before it does not help, because the rows are exchanged after. The next cell computes the least
# and the greatest total that `dropDuplicates` may give: every total between them is as good as another. `distinct` is
# no way out: the copies differ, so it keeps both.

# %% tags=["evidence"]
by_event = in_carts.groupBy("event_id").agg(F.min("pieces").alias("least"), F.max("pieces").alias("greatest"))
least, greatest = by_event.agg(F.sum("least"), F.sum("greatest")).first()
one_run = pieces_of(in_carts.orderBy("event_at").dropDuplicates(["event_id"]))
other_run = pieces_of(in_carts.orderBy(F.desc("event_at")).dropDuplicates(["event_id"]))
print(f"Between {least} and {greatest}. The earliest first: {one_run}; the latest first: {other_run}.")
assert least < greatest
assert least <= one_run <= greatest
assert least <= other_run <= greatest

with_id = records.where("event_id IS NOT NULL")
assert with_id.distinct().count() > with_id.select("event_id").distinct().count()

# %% [markdown]
# ## The right way
#
# Declare the winner: the earliest event, and among equal times the one with the smallest payload. A window numbers the
# records of each id in that order, and number 1 stays. The order must be total, or the question is only moved.
#
# A shoplake table says so where it is declared: `key=["feed", "event_id"]`, `write=Upsert(order_by="event_at",
# keep="first")`, with a hash of the payload for equal times. A second run over the same files changes nothing.
#
# Before that, records that break a rule go to a quarantine: a record without an id is a duplicate of nothing.

# %% tags=["right"]
order = Window.partitionBy("event_id").orderBy("event_at", F.sha2(F.to_json(F.struct(*records.columns)), 256))
winners = in_carts.withColumn("place", F.row_number().over(order)).where("place = 1").drop("place")
assert pieces_of(winners) == pieces_of(winners.orderBy(F.desc("event_at")))

events = shop.table("silver.events")
quarantine = shop.table("silver.events_quarantine")
print(f"{events.count()} events, {quarantine.count()} records in quarantine")
assert events.count() == shop.truth["events"]
assert quarantine.count() == sum(shop.truth["quarantined"]["events"].values())

# %% [markdown]
# ### Missing values
#
# `na.drop(subset=[…])` removes rows with a null in one of the columns, `na.fill` replaces nulls, `coalesce` takes the
# first value that there is. A null is not equal to a null: `a = b` is null then, `a <=> b` is true.

# %% tags=["right"]
known = records.withColumn("visitor_id", F.coalesce("user_id", "anonymous_id"))
print(f"{known.count() - known.na.drop(subset=['event_id', 'visitor_id']).count()} records have no id or no visitor")

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return the revenue of the purchases: the sum of `pieces` × `unit_price` over the events named `purchase`, each counted
# once. Of several records of an event the earliest counts. `records` has the columns event_id, event_name,
# event_at, pieces and unit_price.

# %% tags=["exercise"]
def answer(records):
    """The revenue of the purchases."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(records):
    """The revenue of the purchases."""
    purchases = records.where("event_name = 'purchase'")
    place = F.row_number().over(Window.partitionBy("event_id").orderBy("event_at"))
    once = purchases.withColumn("place", place).where("place = 1")
    return once.agg(F.sum(F.col("pieces") * F.col("unit_price"))).first()[0]


# %% tags=["mistake"] hint="counted twice"
def mistake_distinct(records):
    """Removes equal records only."""
    purchases = records.where("event_name = 'purchase'").distinct()
    return purchases.agg(F.sum(F.col("pieces") * F.col("unit_price"))).first()[0]


# %% tags=["mistake"] hint="the latest"
def mistake_keeps_the_latest(records):
    """Lets the latest record of an event count."""
    purchases = records.where("event_name = 'purchase'")
    place = F.row_number().over(Window.partitionBy("event_id").orderBy(F.desc("event_at")))
    once = purchases.withColumn("place", place).where("place = 1")
    return once.agg(F.sum(F.col("pieces") * F.col("unit_price"))).first()[0]


# %% tags=["check"]
def revenues(records):
    """The revenue of the purchases: of the earliest record of each, and of the latest."""
    amount, purchases = F.col("pieces") * F.col("unit_price"), records.where("event_name = 'purchase'")
    each = purchases.groupBy("event_id").agg(
        F.min_by(amount, "event_at").alias("first"), F.max_by(amount, "event_at").alias("last")
    )
    return each.agg(F.sum("first"), F.sum("last")).first()


def in_cents(revenue):
    """A sum with two places, also of doubles."""
    require(revenue is not None, "There is no sum. Is a `return` missing, or which rows are left?")
    is_number = isinstance(revenue, Number)
    require(is_number, f"Return one number, not {type(revenue).__name__}: .first()[0] takes it out of an aggregate.")
    return round(Decimal(str(revenue)), 2)


def check(answer):
    """Compare with the ground truth, and once more where the earliest record is the one with more pieces."""
    revenue, expected = in_cents(answer(records)), Decimal(shop.truth["event_revenue"])
    _, latest = revenues(records)
    require(revenue <= latest, f"The revenue is {revenue}: more than any choice gives. An event is counted twice.")
    require(revenue != latest, "Of an event with two records you took the latest. The earliest counts.")
    require(revenue == expected, f"The revenue is {revenue}, not {expected}.")
    turned = records.withColumn("pieces", 100 - F.col("pieces"))
    earliest, _ = revenues(turned)
    require(in_cents(answer(turned)) == earliest, "You took the smaller of two amounts. The earliest record counts.")


try_answer("07", check, answer)
