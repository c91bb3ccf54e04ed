# %% [markdown]
# # 18 What was the price then?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 3.5
# - **You learn:** slowly changing dimensions of type 2 and the as-of join, whose condition has the time in it.

# %% [markdown] tags=["question"]
# ## The question
#
# A customer puts a teapot into the cart on 5 March. The shop raises its price on 12 March. At the end of the month
# somebody asks: what were the things in our carts worth when they were put there?
#
# The shop sends its catalogue as snapshots: all products, with the prices of that day. Yesterday's price is not in
# today's snapshot.

# %%
from numbers import Number

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

from shoplake.transforms.asof_join import asof_join

shop = open_shop()
events = shop.table("silver.events").where("NOT is_bot")
products = shop.table("silver.products").select("feed", "product_id", "price", "valid_from", "valid_to", "is_current")
carts = events.where("event_name = 'add_to_cart'").select(
    "feed", "event_id", "event_at", "product_id", "quantity", "unit_price"
)

# %% [markdown]
# ## The wrong way: today's price
#
# The newest row of each product is its price. One join, and each event has one price.

# %% tags=["wrong"]
today = products.where("is_current").select("feed", "product_id", "price")
valued_today = carts.join(today, ["feed", "product_id"], "left")
value_today = valued_today.agg(F.sum(F.expr("quantity * price"))).first()[0]
print(f"The carts were worth {value_today:,.2f} at today's prices.")

# %% [markdown]
# ## The evidence
#
# The events of this shop carry the price that the page showed. That is rare, and it makes the error visible: it is the
# number of carts whose price is not the one that their customer saw. The query reads it, and so does the program: it
# stops if there is none.

# %% tags=["evidence"]
differs = valued_today.where("price <> unit_price")
wrong_rows = differs.count()
off_by = differs.agg(F.sum(F.expr("abs(quantity * (price - unit_price))"))).first()[0]
print(f"{wrong_rows} carts have a price that nobody saw; together they are wrong by {off_by:,.2f}.")
assert wrong_rows > 0, "the shop changed no price: there is nothing to see"

# %% [markdown]
# The total is nearly right, which is worse than a total that is plainly wrong: nobody asks. And it changes by itself.
# Run the same query after the next change of a price, and March is worth something else.
#
# Joining with *all* versions of a product is the second wrong way: a product with three versions counts three times.

# %% tags=["evidence"]
rows_before = carts.count()
rows_after = carts.join(products, ["feed", "product_id"]).count()
print(f"{rows_before} rows became {rows_after}.")
assert rows_after > rows_before

# %% [markdown]
# ## The right way: versions, and a join that knows the time
#
# A *slowly changing dimension of type 2* (Kimball) keeps every version of a product with the time from which it is
# valid and the time up to which it is valid, the latter excluded. `silver.products` is one: shoplake builds it from the
# snapshots with `shoplake.transforms.scd2`. A snapshot in which nothing changed makes no version, so the number of
# versions is a number that the simulated shop knows.

# %% tags=["right"]
versions = products.count()
print(
    f"{shop.truth['products']['ids']} products in {shop.truth['products']['snapshots']} snapshots: {versions} versions."
)
assert versions == shop.truth["products"]["versions"]

products.where("NOT is_current").orderBy("product_id").show(3, truncate=False)

# %% [markdown]
# The *as-of join* (point-in-time join) takes the version that was valid at the time of the row:
# `valid_from <= event_at AND (valid_to IS NULL OR event_at < valid_to)`. The end is excluded, or an event at the very
# moment of a change would have two prices. `asof_join` is a left join: an event of an unknown product stays, without a
# price.

# %% tags=["right"]
valued = asof_join(carts, products, ["feed", "product_id"], "event_at", ["price"])
value_then = valued.agg(F.sum(F.expr("quantity * price"))).first()[0]
print(f"The carts were worth {value_then:,.2f}: {value_then - value_today:+,.2f} against today's prices.")
assert valued.count() == rows_before
assert valued.where("price <> unit_price").count() == 0

# %% [markdown]
# An as-of join is no equality join on its last condition. Spark hashes the equal keys (`feed`, `product_id`) and tests
# the times of each pair, which is cheap while a product has few versions. For many short intervals, such as visits,
# shoplake has `interval_join`, which adds the day to the keys.

# %% [markdown] tags=["question"]
# ## Your turn
#
# What was sold, at the list prices of the time of each purchase? Write `answer`: it gets the purchase events and the
# versions of the products, and returns the sum of `quantity * price` as one number. The columns are those of `carts`
# and `products` above.


# %% tags=["exercise"]
def answer(purchases, products):
    """The sum of quantity × price, each purchase with the list price of its time."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(purchases, products):
    """The version that was valid at the time of each purchase."""
    then = asof_join(purchases, products, ["feed", "product_id"], "event_at", ["price"])
    return then.agg(F.sum(F.expr("quantity * price"))).first()[0]


# %% tags=["mistake"] hint="today's prices"
def mistake_todays_price(purchases, products):
    """Joins with the current version of each product."""
    now = products.where("is_current")
    return purchases.join(now, ["feed", "product_id"]).agg(F.sum(F.expr("quantity * price"))).first()[0]


# %% tags=["mistake"] hint="once per version"
def mistake_every_version(purchases, products):
    """Joins with all versions of each product."""
    return purchases.join(products, ["feed", "product_id"]).agg(F.sum(F.expr("quantity * price"))).first()[0]


# %% tags=["check"]
def check(answer):
    """Compare the sum with what the simulated shop knows of its purchases."""
    purchases = shop.table("silver.events").where("event_name = 'purchase'").select(*carts.columns)
    given = answer(purchases, products)
    require(given is not None, "answer returned nothing. Return one number.")
    is_number = isinstance(given, (Number, str))
    require(is_number, f"Return one number, not {type(given).__name__}: .first()[0] takes it out of an aggregate.")
    in_any_version = purchases.join(products, ["feed", "product_id"]).select(
        F.sum(F.expr("quantity * price")), F.sum(F.expr("if(is_current, quantity * price, 0)"))
    )
    every, today = in_any_version.first()
    expected = float(shop.truth["event_revenue"])
    if abs(float(given) - expected) < 0.005:
        return
    require(
        abs(float(given) - float(today)) >= 0.005,
        "These are today's prices. Join with the version that was valid at event_at.",
    )
    require(
        abs(float(given) - float(every)) >= 0.005,
        "A purchase counts once per version of its product. One version was valid: put the time into the join.",
    )
    require(
        False, f"The sum is {float(given):,.2f}, not {expected:,.2f}. Compare event_at with valid_from and valid_to."
    )


try_answer("18", check, answer)
