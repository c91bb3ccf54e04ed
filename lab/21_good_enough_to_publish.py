# %% [markdown]
# # 21 Good enough to publish?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 3.2
# - **You learn:** to declare what a valid row is, to keep invalid rows with their reasons, to read a report.

# %% [markdown] tags=["question"]
# ## The question
#
# Every night the shop's events arrive, and some are broken: a line that ends in the middle, an event without an id, a
# price below zero. The report must be ready at eight. Which rows may go into it, and what happens to the others?

# %%
from pyspark.sql import functions as F
from support import open_shop, require, try_answer

from shoplake.declare import expect, not_negative, one_of
from shoplake.transforms.expectations import split_valid

shop = open_shop()
lines = shop.spark.read.text(shop.path("events")).select("value", F.from_json("value", "map<string,string>").alias("e"))
parsed = lines.where("e IS NOT NULL").selectExpr(
    "e['event_id'] AS event_id",
    "try_cast(e['event_ts'] AS timestamp) AS event_at",
    "e['event_name'] AS event_name",
    "e['user_id'] AS user_id",
    "e['anonymous_id'] AS anonymous_id",
    "e['product_id'] AS product_id",
    "e['price'] AS price_as_sent",
    "try_cast(e['price'] AS decimal(18,4)) AS price",
)

# %% [markdown]
# ## The wrong way: assert, then dropna
#
# The first idea is an assertion: the load fails when a price is negative.

# %% tags=["wrong"]
try:
    assert parsed.where("price < 0").isEmpty(), "negative price"
except AssertionError as error:
    print(f"The load stops: {error}. There is no report at eight.")

# %% [markdown]
# One bad row stops ten thousand good ones, every night, for there is always one. So the assertion goes, and `dropna`
# comes: only complete rows are used.

# %% tags=["wrong"]
complete = parsed.dropna().where("price >= 0")
kept = complete.count()
print(f"{kept:,} complete events.")

# %% [markdown]
# ## The evidence
#
# The ground truth says how many events are in order. A page view has no product, a visitor who has not logged in has no
# `user_id`: a null is no fault by itself. `dropna` throws good rows away, and it tells nobody.

# %% tags=["evidence"]
good = shop.truth["events"]
print(f"{good:,} events are in order, {kept:,} were kept: {1 - kept / good:.0%} of the good ones are gone.")
assert kept < good / 2

# %% [markdown]
# ## The right way: expectations and a quarantine
#
# An *expectation* is a condition that every valid row satisfies. False and null both violate it, so what may be null
# has to be said: `price IS NULL OR price >= 0`, which `not_negative("price")` writes for you. `split_valid` gives two
# sets of rows: the valid ones, and the others with the names of all the expectations that they violate. No row is lost.
#
# Each table of shoplake declares its expectations beside its columns; a run writes valid rows into the table, and the
# others, with their reasons and their raw records, into `<table>_quarantine`.

# %% tags=["right"]
rules = [
    expect("price_is_number", "price_as_sent IS NULL OR price IS NOT NULL"),
    one_of(
        "event_name", "page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase"
    ),
]
valid, invalid = split_valid(parsed, rules)
reasons = {
    row["rule"]: row["count"]
    for row in invalid.select(F.explode("_violations").alias("rule")).groupBy("rule").count().collect()
}
print(reasons)
faults = shop.truth["quarantined"]["events"]
assert reasons == {"price_is_number": faults["wrong_type_price"], "event_name_known": faults["unknown_event_name"]}

# %% tags=["right"]
quarantined = shop.table("silver.events_quarantine")
quarantined.groupBy(F.col("reasons")[0].alias("first_reason")).count().orderBy("first_reason").show(truncate=False)
print(f"{quarantined.count()} events are in quarantine; the shop broke {sum(faults.values())}.")
assert quarantined.count() == sum(faults.values())

# %% [markdown]
# ### The report, and the contract
#
# A run counts rows read, written, invalid and repeated for each table, and the violations of each rule.
# `shoplake quality` prints it, `shoplake report` makes a page of it, and `lake.quality()` returns the rows. A share of
# bad rows that is too high stops the write: `expect(..., stop_above=0.1)`. What readers may rely on is exported as a
# contract (`shoplake contract export`), and `shoplake contract check` fails when a change breaks it.

# %% tags=["right"]
for row in shop.lake.quality():
    if row["table"] == "silver.events" and row["check_type"] == "rule" and row["rows_failed"]:
        print(f"{row['check_name']:<28} {row['rows_failed']:>4}")

# %% [markdown] tags=["question"]
# ## Your turn
#
# Write the expectations of these events. Return a list of four, with these names: `event_id_present`,
# `event_at_present`, `visitor_present` (a visitor is known by `user_id` or by `anonymous_id`) and `price_not_negative`.
# `parsed` has the columns.


# %% tags=["exercise"]
def answer():
    """Four expectations: event_id_present, event_at_present, visitor_present, price_not_negative."""
    raise NotImplementedError


# %% tags=["solution"]
def solution():
    """A null is a fault only where a value is required."""
    return [
        expect("event_id_present", "event_id IS NOT NULL"),
        expect("event_at_present", "event_at IS NOT NULL"),
        expect("visitor_present", "coalesce(user_id, anonymous_id) IS NOT NULL"),
        not_negative("price"),
    ]


# %% tags=["mistake"] hint="A null violates a condition"
def mistake_null_price():
    """Forgets that a page view has no price."""
    return [*solution()[:3], expect("price_not_negative", "price >= 0")]


# %% tags=["mistake"] hint="not logged in"
def mistake_no_guests():
    """Requires a login."""
    first, second, _, last = solution()
    return [first, second, expect("visitor_present", "user_id IS NOT NULL"), last]


# %% tags=["check"]
def check(answer):
    """Compare the violations of each rule with the faults that the simulated shop added."""
    given = answer()
    is_list = isinstance(given, (list, tuple)) and all(hasattr(rule, "name") for rule in given)
    require(is_list, "Return a list of expectations, such as expect(name, condition).")
    expected = {
        "event_id_present": faults["missing_event_id"],
        "event_at_present": faults["missing_event_ts"] + faults["wrong_type_event_ts"],
        "visitor_present": faults["missing_visitor"],
        "price_not_negative": faults["negative_price"],
    }
    names = {rule.name for rule in given}
    require(names == set(expected), f"Return expectations of these names: {', '.join(expected)}.")
    _, bad = split_valid(parsed, given)
    counted = bad.select(F.explode("_violations").alias("rule")).groupBy("rule").count().collect()
    found = dict.fromkeys(expected, 0) | {row["rule"]: row["count"] for row in counted}
    without_price = parsed.where("price IS NULL").count()
    require(
        found["price_not_negative"] < without_price,
        "A null violates a condition: price_not_negative refuses every event without a price. Let the price be null.",
    )
    require(
        found["visitor_present"] <= expected["visitor_present"],
        "visitor_present refuses visitors who are not logged in. They have an anonymous_id.",
    )
    for name, count in expected.items():
        require(found[name] == count, f"{name} finds {found[name]} rows; the shop broke {count}.")


try_answer("21", check, answer)
