# %% [markdown]
# # 15 Append or overwrite?
#
# - **Engines:** sail, spark
# - **Minutes:** 35
# - **Exam objectives:** 2.1, 2.2, 2.3, 2.4, 3.6
# - **You learn:** the save modes, why a retry doubles rows, and what partitions, buckets and views are for.

# %% [markdown] tags=["question"]
# ## The question
#
# Each night a job writes the order lines of the day into a table. On 5 March it failed after it had written, and the
# scheduler started it again, as schedulers do. What does the table say about that day?

# %%
from datetime import date
from decimal import Decimal

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
truth, folder = shop.truth, shop.scratch("15")
lines = (
    shop.table("silver.order_lines")
    .where("line_class = 'goods' AND kind = 'sale'")
    .select("order_id", "line_number", "product_id", "quantity", "amount", "order_date")
)
first_day = date.fromisoformat(truth["arguments"]["starts_on"])
day = next(
    date.fromisoformat(day)
    for day, sales in truth["sales_daily"].items()
    if sales["orders"] and date.fromisoformat(day) > first_day
)


def sales_in(path):
    """The sum of the amounts in a table."""
    return shop.spark.read.format("delta").load(str(path)).agg(F.sum("amount")).first()[0]


# %% [markdown]
# ## The wrong way
#
# `append`, twice.

# %% tags=["wrong"]
appended = folder / "appended"
lines.where(F.col("order_date") != day).write.format("delta").save(str(appended))
for _attempt in ("the night's run", "its retry"):
    lines.where(F.col("order_date") == day).write.format("delta").mode("append").save(str(appended))
print(f"Sales are {sales_in(appended):.2f}")

# %% [markdown]
# ## The evidence
#
# The day counts twice. Both attempts succeeded as far as the table is concerned: each is a commit. A save mode knows
# nothing of a key, so nothing refuses the second.

# %% tags=["evidence"]
sold = Decimal(truth["gross_sales"])
sold_on_day = Decimal(truth["sales_daily"][day.isoformat()]["gross_sales"])
repeated = (
    shop.spark.read.format("delta").load(str(appended)).groupBy("order_id", "line_number").count().where("count > 1")
)
print(f"{repeated.count()} lines are there twice: {sales_in(appended):.2f} = {sold} + {sold_on_day}")
assert repeated.count() == lines.where(F.col("order_date") == day).count() > 0
assert sales_in(appended) == sold + sold_on_day

# %% [markdown]
# ## The right way
#
# Write so that a second time changes nothing. Four save modes are there, and none of them alone is that:
#
# | mode | where the table exists | a retry |
# | --- | --- | --- |
# | `errorifexists` (default) | fails | fails |
# | `ignore` | does nothing, and says nothing | new rows are lost |
# | `append` | adds | rows are there twice |
# | `overwrite` | replaces **all** rows | right, if you wrote all rows |
#
# The unit that is replaced must be the unit that the job writes. Delta takes a condition: `replaceWhere` replaces the
# rows that meet it, in one commit, and refuses rows that do not.

# %% tags=["right"]
replaced = folder / "replaced"
lines.write.format("delta").partitionBy("order_date").save(str(replaced))
for _attempt in ("the night's run", "its retry"):
    (
        lines.where(F.col("order_date") == day)
        .write.format("delta")
        .mode("overwrite")
        .option("replaceWhere", f"order_date = '{day}'")
        .save(str(replaced))
    )
print(f"Sales are {sales_in(replaced):.2f}")
assert sales_in(replaced) == sold

try:
    lines.write.format("delta").save(str(replaced))
    refusal = ""
except Exception as error:
    refusal = type(error).__name__
lines.limit(1).write.format("delta").mode("ignore").save(str(replaced))
print(f"Without a mode: {refusal}. With ignore: nothing happened.")
assert refusal == "AnalysisException"
assert sales_in(replaced) == sold

# %% [markdown]
# ### What shoplake does
#
# A table declares how it is written, not each job. Every write mode can be repeated: a run that is killed and started
# again leaves the same rows.

# %%
from shoplake.tables.gold.sales.sales_daily import sales_daily  # noqa: E402
from shoplake.tables.silver.events import events as events_table  # noqa: E402
from shoplake.tables.silver.orders.order_lines import order_lines  # noqa: E402

for table in (events_table, order_lines, sales_daily):
    print(f"{table.qualified_name}: {type(table.write).__name__}, key {', '.join(table.key)}")
assert all(table.key for table in (events_table, order_lines, sales_daily))

# %% [markdown]
# ### Partitions
#
# `partitionBy` makes a folder for each value, and the value is not in the files any more: the folder's name has it. A
# filter on the column reads only its folders. Partition by what queries and jobs name (a day, a country), with few
# values and much data in each: thousands of small folders are slower than none.
#
# For plain files, which have no commits, Spark's `partitionOverwriteMode = dynamic` replaces the folders that the new
# rows belong to and leaves the others. It is a setting of the session, and not every engine knows it: Sail replaces all
# folders. A condition at the write itself, as above, means the same everywhere.

# %%
files = folder / "files"
days = lines.select("order_date").distinct().count()
lines.write.partitionBy("order_date").parquet(str(files))
folders = [each for each in files.iterdir() if each.is_dir()]
print(f"{len(folders)} folders, such as {sorted(folders)[0].name}")
assert len(folders) == days

shop.spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
lines.where(F.col("order_date") == day).write.mode("overwrite").partitionBy("order_date").parquet(str(files))
shop.spark.conf.unset("spark.sql.sources.partitionOverwriteMode")
left = shop.spark.read.parquet(str(files)).agg(F.sum("amount")).first()[0]
print(f"Dynamic overwrite of one day on {shop.engine}: {left:.2f} of {sold} is there.")
assert left == (sold if shop.is_spark else sold_on_day)

# %% [markdown]
# ### Buckets
#
# `bucketBy` spreads rows over a fixed number of files by the hash of a column, and `sortBy` sorts each of them. Two
# tables with the same buckets are joined without a shuffle. Only `saveAsTable` can do it, for formats such as Parquet
# and not for Delta, and Sail does not write it. On Delta, clustering has that place: see lesson 17.

# %%
if shop.is_spark:
    from support import plan_of

    shop.spark.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    writer = lines.write.format("parquet").mode("overwrite")
    writer.bucketBy(4, "order_id").sortBy("order_id").saveAsTable("bucketed_15")
    bucketed = shop.spark.table("bucketed_15")
    plan = plan_of(bucketed.join(bucketed.select("order_id", F.col("amount").alias("other")), "order_id"))
    assert "Exchange hashpartitioning" not in plan, "both sides are in the same buckets already"
    assert "Exchange hashpartitioning" in plan_of(lines.join(lines.select("order_id"), "order_id"))
    shop.spark.sql("DROP TABLE bucketed_15")
    shop.spark.conf.unset("spark.sql.autoBroadcastJoinThreshold")
    print("A join of bucketed tables needs no shuffle.")
else:
    print("Sail does not write buckets; start this lesson with SHOPLAKE_LAB_ENGINE=spark to see them.")

# %% [markdown]
# ### Views
#
# A temporary view is a name for a query. It stores no row, belongs to the session, and ends with it. `spark.sql` reads
# files too, by format and path.

# %%
lines.createOrReplaceTempView("lines_15")
total = shop.spark.sql("SELECT sum(amount) AS total FROM lines_15 WHERE quantity > 0").first()["total"]
of_files = shop.spark.sql(f"SELECT sum(amount) FROM delta.`{replaced}`").first()[0]
print(f"View: {total:.2f}, files: {of_files:.2f}")
assert total == of_files == sold
shop.spark.catalog.dropTempView("lines_15")

# %% [markdown] tags=["question"]
# ## Your turn
#
# Write `answer(rows, path, day)`: it writes the rows of one day into the Delta table at `path`, which has other days.
# The check calls it twice for the same day, as a scheduler would.

# %% tags=["exercise"]
def answer(rows, path, day):
    """Write the rows of a day into the table, so that a second call changes nothing."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(rows, path, day):
    """Write the rows of a day into the table, so that a second call changes nothing."""
    writer = rows.write.format("delta").mode("overwrite").option("replaceWhere", f"order_date = '{day}'")
    writer.save(path)


# %% tags=["mistake"] hint="counts twice"
def mistake_appends(rows, path, day):
    """Appends the rows each time."""
    rows.write.format("delta").mode("append").save(path)


# %% tags=["mistake"] hint="other days"
def mistake_overwrites_all(rows, path, day):
    """Overwrites the whole table with one day."""
    rows.write.format("delta").mode("overwrite").save(path)


# %% tags=["check"]
def check(answer):
    """Write a day twice with the answer, and compare the totals with the ground truth."""
    path = shop.scratch("15-answer") / "table"
    lines.where(F.col("order_date") != day).write.format("delta").partitionBy("order_date").save(str(path))
    of_day = lines.where(F.col("order_date") == day)
    for _attempt in range(2):
        answer(of_day, str(path), day)
    total, of_days = sales_in(path) or 0, sold - sold_on_day
    require(total != of_days, f"The day is missing: {total:.2f} of {sold} is there, as before.")
    require(total >= sold, f"The other days are gone: {total:.2f} is left of {sold}.")
    require(total <= sold, f"Sales are {total:.2f} instead of {sold}: the day counts twice after a retry.")


try_answer("15", check, answer)
