# %% [markdown]
# # 09 Why did sales double?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 3.5
# - **You learn:** how a join multiplies rows, how to see it, and which join answers which question.

# %% [markdown] tags=["question"]
# ## The question
#
# The finance team wants to see, for each order, what was sold and what was paid. The lines of the orders are in
# `silver.order_lines`, the payments in `silver.payments`. Both have an `order_id`.

# %%
from decimal import Decimal

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
lines = shop.table("silver.order_lines").where("line_class = 'goods' AND kind = 'sale'")
payments = shop.table("silver.payments")
truth = shop.truth

# %% [markdown]
# ## The wrong way
#
# Join the two tables by the order and add up the amounts.

# %% tags=["wrong"]
joined = lines.join(payments.select("order_id", "method", "status"), "order_id")
sales_of_join = joined.agg(F.sum("amount")).first()[0]
print(f"Sales are {sales_of_join:.2f}")

# %% [markdown]
# ## The evidence
#
# The shop sold less. A join returns a row for each *pair* of rows with the same key. An order that was paid in two
# parts, or after a failed attempt, or was refunded, has several payments: each of its lines counts once for each of
# them. A key that is repeated on both sides multiplies: 2 lines × 2 payments are 4 rows.
#
# The cell looks for the cause where it can be seen: at the number of rows a key has on each side.

# %% tags=["evidence"]
sold = Decimal(truth["gross_sales"])
per_order = payments.groupBy("order_id").agg(F.count("*").alias("payments"))
repeated = per_order.where("payments > 1")
extra = (
    lines.join(repeated, "order_id")
    .agg(F.sum(F.col("amount") * (F.col("payments") - 1)))
    .first()[0]
)
print(f"{repeated.count()} of {truth['orders']} orders have several payments.")
print(f"They add {extra:.2f}: {sales_of_join:.2f} - {extra:.2f} = {sold}, which is what the shop sold.")
assert sales_of_join > sold
assert sales_of_join - extra == sold
assert joined.count() > lines.count()

# %% [markdown]
# ## The right way
#
# 1. Say what one row of each side is. In shoplake every table declares it: `key=["feed", "payment_id"]` for payments,
#    and a run measures that no key is repeated.
# 2. Bring both sides to one row a join key: aggregate, or take the latest.
# 3. Join, and compare the number of rows and the total with those before the join.

# %% tags=["right"]
from shoplake.tables.silver.orders.payments import payments as payments_table  # noqa: E402

print(f"One row of {payments_table.qualified_name} is one {payments_table.key}.")
orders = lines.groupBy("order_id").agg(F.sum("amount").alias("gross_sales"))
attempts = payments.groupBy("order_id").agg(F.count("*").alias("payments"))
both = orders.join(attempts, "order_id", "left")
totals = both.agg(F.count("*").alias("orders"), F.sum("gross_sales").alias("gross_sales")).first()
print(f"{totals.orders} orders, {totals.gross_sales:.2f}")
assert totals.orders == truth["orders"]
assert totals.gross_sales == sold
sales_daily = shop.table("gold.sales_daily").agg(F.sum("gross_sales")).first()[0]
assert sales_daily == sold, "gold.sales_daily has the same total"

# %% [markdown]
# ### Which join answers which question
#
# | question | join | rows |
# | --- | --- | --- |
# | orders and their payments, both known | `inner` | one a pair |
# | all orders, with payments if there are any | `left` | at least one an order |
# | orders and payments, also those without a partner | `full` | at least one of each |
# | orders that *have* a payment by gift card | `left_semi` | at most one an order: it filters, it never multiplies |
# | orders that have *no* purchase event | `left_anti` | at most one an order |
# | every day with every method | `crossJoin` | days × methods |
#
# A condition that no row of the other side needs to give columns for is a semi or an anti join. It cannot double sales.
# The ground truth knows how many orders came by phone and left no event: an anti join finds them.

# %%
purchases = shop.table("silver.events").where("event_name = 'purchase'")
by_phone = orders.join(purchases, "order_id", "left_anti")
by_gift_card = lines.join(payments.where("method = 'gift_card'"), "order_id", "left_semi")
print(f"{by_phone.count()} orders by phone, {by_gift_card.count()} lines paid by gift card at least in part")
assert by_phone.count() == truth["orders_without_events"]

days = shop.table("silver.events").select(F.col("event_date").alias("day")).distinct()
methods = payments.select("method").where("method IS NOT NULL").distinct()
by_method = payments.where("status = 'paid'").groupBy(F.col("paid_date").alias("day"), "method")
paid = by_method.agg(F.sum("amount").alias("paid"))
grid = days.crossJoin(methods).join(paid, ["day", "method"], "left").fillna(0, ["paid"])
print(f"{grid.count()} rows: {days.count()} days × {methods.count()} methods; {paid.count()} of them have a payment")
assert grid.count() == days.count() * methods.count() > paid.count()
assert grid.agg(F.sum("paid")).first()[0] == Decimal(truth["payments"]["paid_total"])

# %% [markdown]
# ### Rows below each other
#
# `union` puts tables below each other *by position* and does not look at names. `unionByName` goes by name, and
# `allowMissingColumns=True` fills what one side does not have with null.

# %%
returned = shop.table("silver.order_lines").where("kind = 'return'")
columns = {name: f"{name} decimal(18,4)" for name in ("quantity", "amount")}


def copy_of(rows, *names):
    """A table of its own with some columns of the rows, in this order."""
    values = [[Decimal(row[name]) for name in names] for row in rows.collect()]
    return shop.spark.createDataFrame(values, ", ".join(columns[name] for name in names))


sales = copy_of(lines, "quantity", "amount")
returns = copy_of(returned, "amount", "quantity")
net_by_name = sales.unionByName(returns).agg(F.sum("amount")).first()[0]
net_by_position = sales.union(returns).agg(F.sum("amount")).first()[0]
print(f"Sales less returns are {net_by_name:.2f} by name, and {net_by_position:.2f} by position.")
assert net_by_name == sold - Decimal(truth["returns"])
assert net_by_position != net_by_name

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return one row an order with the columns `order_id`, `gross_sales` (sum of `amount` of its lines) and `paid` (what was
# really paid: payments with the status `paid`). `lines` has the goods that were sold, `payments` all payments.

# %% tags=["exercise"]
def answer(lines, payments):
    """One row an order: order_id, gross_sales, paid."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(lines, payments):
    """One row an order: order_id, gross_sales, paid."""
    sold = lines.groupBy("order_id").agg(F.sum("amount").alias("gross_sales"))
    paid = payments.where("status = 'paid'").groupBy("order_id").agg(F.sum("amount").alias("paid"))
    return sold.join(paid, "order_id", "left")


# %% tags=["mistake"] hint="once for each payment"
def mistake_joins_first(lines, payments):
    """Joins before it aggregates."""
    paid = payments.where("status = 'paid'").select("order_id", F.col("amount").alias("part"))
    pairs = lines.join(paid, "order_id", "left")
    return pairs.groupBy("order_id").agg(F.sum("amount").alias("gross_sales"), F.sum("part").alias("paid"))


# %% tags=["mistake"] hint="failed"
def mistake_counts_failed_attempts(lines, payments):
    """Adds up all payments, whatever their status."""
    sold = lines.groupBy("order_id").agg(F.sum("amount").alias("gross_sales"))
    paid = payments.groupBy("order_id").agg(F.sum("amount").alias("paid"))
    return sold.join(paid, "order_id", "left")


# %% tags=["check"]
def check(answer):
    """Compare rows and totals of the answer with the ground truth."""
    rows = answer(lines, payments).collect()
    columns = {"order_id", "gross_sales", "paid"}
    require(rows and columns <= set(rows[0].asDict()), "Return the columns order_id, gross_sales and paid.")
    orders, sold, paid = truth["orders"], Decimal(truth["gross_sales"]), Decimal(truth["payments"]["paid_total"])
    require(
        len(rows) == len({row["order_id"] for row in rows}),
        "An order has several rows. Bring each side to one row an order first.",
    )
    require(len(rows) == orders, f"There are {len(rows)} orders; the shop had {orders}. A left join keeps all of them.")
    total = sum(round(Decimal(str(row["gross_sales"])), 4) for row in rows)
    require(
        total <= sold,
        f"Gross sales are {total:.2f} instead of {sold}: a line counts once for each payment. Aggregate, then join.",
    )
    require(total == sold, f"Gross sales are {total:.2f}, not {sold}.")
    received = sum(round(Decimal(str(row["paid"] or 0)), 4) for row in rows)
    require(
        received == paid,
        f"{received:.2f} was paid, you say, but it was {paid}: do not count failed attempts, nor refunds.",
    )


try_answer("09", check, answer)
