# %% [markdown]
# # 16 Undo it?
#
# - **Engines:** sail, spark
# - **Minutes:** 40
# - **Exam objectives:** 2.2
# - **You learn:** what a Delta table is: files and a log. ACID, time travel, MERGE, constraints and schema evolution.

# %% [markdown] tags=["question"]
# ## The question
#
# Somebody ran a correction over last week's order lines. It had a mistake: amounts are a hundred times too large. Can
# the shop have its table back?

# %%
import json
from decimal import Decimal

from deltalake import DeltaTable
from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
truth, folder = shop.truth, shop.scratch("16")
sold = Decimal(truth["gross_sales"])
lines = (
    shop.table("silver.order_lines")
    .where("line_class = 'goods' AND kind = 'sale'")
    .select("order_id", "line_number", "product_id", "quantity", "amount")
)
spoilt = lines.withColumn("amount", (F.col("amount") * 100).cast("decimal(18,4)"))

# %% [markdown]
# ## The wrong way
#
# A folder of Parquet files, and `overwrite`.

# %% tags=["wrong"]
files = folder / "files"
lines.write.parquet(str(files))
before = {each.name for each in files.glob("*.parquet")}
spoilt.write.mode("overwrite").parquet(str(files))
print(f"Sales are {shop.spark.read.parquet(str(files)).agg(F.sum('amount')).first()[0]:.2f}")

# %% [markdown]
# ## The evidence
#
# The old files are gone: `overwrite` deletes, then it writes. There is nothing to go back to. And between the two steps
# the table is empty for everybody who reads it, for ever if the job dies there. The cell makes it die: the next
# correction takes an order number for a number.

# %% tags=["evidence"]
after = {each.name for each in files.glob("*.parquet")}
print(f"{len(before & after)} of the {len(before)} old files are left.")
assert before and not before & after

try:
    lines.withColumn("order_id", F.col("order_id").cast("int")).write.mode("overwrite").parquet(str(files))
    failure = ""
except Exception as error:
    failure = type(error).__name__
left = len(list(files.glob("*.parquet")))
print(f"{failure}: {left} files are left.")
assert failure
assert left == 0, "the files were deleted before the first row was computed"

# %% [markdown]
# ## The right way
#
# A Delta table is a folder of Parquet files with a log beside it, `_delta_log`. Each commit is one numbered file that
# says which files are added and which are removed. A reader takes the files of the last commit:
#
# - **atomic**: a commit is there or not. A job that dies leaves files that no commit names, and nobody reads them;
# - **consistent**: schema and constraints are checked before the commit;
# - **isolated**: two writers cannot both make commit 7. The second looks whether the first touched what it read, and
#   tries again or fails;
# - **durable**: old files stay until VACUUM (lesson 17), so every version can be read.

# %% tags=["right"]
path = str(folder / "delta")
lines.write.format("delta").save(path)
good = DeltaTable(path).version()
spoilt.write.format("delta").mode("overwrite").save(path)


def sales_of(version=None):
    """The sum of the amounts of a version, or of the last one."""
    reader = shop.spark.read.format("delta")
    rows = (reader if version is None else reader.option("versionAsOf", version)).load(path)
    return rows.agg(F.sum("amount")).first()[0]


print(f"Version {good}: {sales_of(good):.2f}; now: {sales_of():.2f}")
assert sales_of(good) == sold
assert sales_of() == sold * 100

DeltaTable(path).restore(good)
print(f"After RESTORE: {sales_of():.2f}")
assert sales_of() == sold

last = json.loads(sorted((folder / "delta" / "_delta_log").glob("*.json"))[-1].read_text().splitlines()[-1])
print(f"The last line of the log is {next(iter(last))}; the operations were:")
for commit in reversed(DeltaTable(path).history()):
    print(f"  {commit['version']} {commit['operation']}")
assert DeltaTable(path).history()[0]["operation"] == "RESTORE"

# %% [markdown]
# `RESTORE` is a commit too: it makes the old files current again, and the wrong version can still be read. On Spark the
# same is `RESTORE TABLE … TO VERSION AS OF …` and `DESCRIBE HISTORY`; Sail has no SQL for them.
#
# shoplake names versions in its queries, and brings back a table, or the whole lake to a moment:
#
# - `shoplake sql "SELECT sum(amount) FROM silver.order_lines VERSION AS OF 1"`
# - `shoplake maintain restore`

# %%
[(in_lake,)] = shop.lake.sql(
    "SELECT sum(amount) FROM silver.order_lines VERSION AS OF 1 WHERE line_class = 'goods' AND kind = 'sale'"
).to_pandas().to_numpy()
print(f"Version 1 of silver.order_lines: {in_lake:.2f}")
assert in_lake == sold

# %% [markdown]
# ### MERGE
#
# A correction rarely concerns all rows. `MERGE` goes by a key: rows that match are updated or deleted, others are
# inserted, in one commit. A second time it changes nothing. The key must be a key: if two rows of the source match one
# row of the table, which of them wins? Delta on Spark refuses that.

# %%
merged = str(folder / "merged")
spoilt.write.format("delta").save(merged)
lines.createOrReplaceTempView("corrections_16")
MERGE = f"""
    MERGE INTO delta.`{merged}` AS target USING corrections_16 AS source
    ON target.order_id = source.order_id AND target.line_number = source.line_number
    WHEN MATCHED THEN UPDATE SET amount = source.amount
    WHEN NOT MATCHED THEN INSERT (order_id, line_number, product_id, quantity, amount)
    VALUES (source.order_id, source.line_number, source.product_id, source.quantity, source.amount)
"""
for _attempt in range(2):
    shop.spark.sql(MERGE).collect()
total = shop.spark.read.format("delta").load(merged).agg(F.sum("amount"), F.count("*")).first()
print(f"{total[1]} lines, {total[0]:.2f}")
assert total[0] == sold
assert total[1] == lines.count()

# %% [markdown]
# shoplake's write mode `Upsert(order_by="updated_at")` is a merge that also says *which* record of a key wins, in the
# source and against the table. Without that the one that arrives last wins, even if it is older.
#
# ### Constraints and evolution
#
# The table itself can refuse rows. And it refuses columns that it does not know, unless the writer says that the schema
# may grow. Old rows have null there. Columns are renamed and dropped where the table's column mapping is on, and types
# widened where its type widening is; none of it rewrites files.

# %%
DeltaTable(merged).alter.add_constraint({"amount_not_negative": "amount >= 0"})


def refusal_of(rows, table, **options):
    """The error of an append, or nothing."""
    try:
        rows.write.format("delta").mode("append").options(**options).save(table)
    except Exception as error:
        return " ".join(str(error).split())[:100]
    return ""


negative = lines.limit(1).withColumn("amount", F.lit(-1).cast("decimal(18,4)"))
with_gift = lines.limit(1).withColumn("is_gift", F.when(F.col("quantity") > 0, True))  # it can be null, as it must
print("Constraint:", refusal_of(negative, merged))
print("Schema:", refusal_of(with_gift, path))
assert refusal_of(negative, merged)
assert refusal_of(with_gift, path)
assert not refusal_of(with_gift, path, mergeSchema="true")
grown = shop.spark.read.format("delta").load(path)
print(f"Now the columns are {', '.join(grown.columns)}.")
assert grown.where("is_gift").count() == 1
assert grown.where("is_gift IS NULL").count() == lines.count()

# %% [markdown] tags=["question"]
# ## Your turn
#
# The Delta table at `path` has last week's lines: some amounts are wrong, and some lines are missing. `corrections` has
# the right rows for these, and nothing else. Bring them in. The key is `order_id` and `line_number`. Name the view and
# the table as above, or use `deltalake`.

# %% tags=["exercise"]
def answer(spark, path, corrections):
    """Bring the corrections into the table: update what is there, insert what is not."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(spark, path, corrections):
    """Bring the corrections into the table: update what is there, insert what is not."""
    corrections.createOrReplaceTempView("source_16")
    spark.sql(f"""
        MERGE INTO delta.`{path}` AS target USING source_16 AS source
        ON target.order_id = source.order_id AND target.line_number = source.line_number
        WHEN MATCHED THEN UPDATE SET amount = source.amount
        WHEN NOT MATCHED THEN INSERT (order_id, line_number, product_id, quantity, amount)
        VALUES (source.order_id, source.line_number, source.product_id, source.quantity, source.amount)
    """).collect()


# %% tags=["mistake"] hint="missing"
def mistake_updates_only(spark, path, corrections):
    """Updates what is there and forgets the rest."""
    corrections.createOrReplaceTempView("source_16")
    spark.sql(f"""
        MERGE INTO delta.`{path}` AS target USING source_16 AS source
        ON target.order_id = source.order_id AND target.line_number = source.line_number
        WHEN MATCHED THEN UPDATE SET amount = source.amount
    """).collect()


# %% tags=["mistake"] hint="twice"
def mistake_appends(spark, path, corrections):
    """Appends the corrections to the wrong rows."""
    corrections.write.format("delta").mode("append").save(path)


# %% tags=["check"]
def check(answer):
    """Correct a table with the answer, and compare it with the ground truth."""
    path = str(shop.scratch("16-answer") / "table")
    parity = F.crc32(F.concat_ws("-", "order_id", "line_number")) % 3
    spoilt.where(parity == 0).unionByName(lines.where(parity == 1)).write.format("delta").save(path)
    corrections = lines.where(parity != 1)
    answer(shop.spark, path, corrections)
    rows = shop.spark.read.format("delta").load(path)
    total = rows.agg(F.count("*").alias("lines"), F.sum("amount").alias("amount")).first()
    keys = rows.select("order_id", "line_number").distinct().count()
    require(total.lines == keys, "Lines are there twice, the wrong and the right one. Match them by their key.")
    missing = lines.count() - keys
    require(missing == 0, f"{missing} lines are missing: what does not match must be inserted, and the rest kept.")
    require(total.amount == sold, f"Sales are {total.amount:.2f} instead of {sold}. Is the key complete?")


try_answer("16", check, answer)
