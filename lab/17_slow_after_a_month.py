# %% [markdown]
# # 17 Why is it slow after a month?
#
# - **Engines:** sail, spark
# - **Minutes:** 30
# - **Exam objectives:** 2.3
# - **You learn:** why small files are slow, how statistics skip files, and what OPTIMIZE, Z-order and VACUUM do.

# %% [markdown] tags=["question"]
# ## The question
#
# The events of a shop arrive all day, and a job appends them every few minutes. After a month the page of one product
# takes ten times as long to load. The table has not ten times as many rows. What happened?

# %%
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
truth, folder = shop.truth, shop.scratch("17")
columns = ("event_id", "event_at", "event_name", "visitor_id", "product_id", "page_url")
events = shop.table("silver.events").select(*columns)
views = events.where("product_id IS NOT NULL").groupBy("product_id").count()
product = views.orderBy(F.desc("count"), "product_id").first()["product_id"]
FILES = 64

# %% [markdown]
# ## The wrong way
#
# Many small writes, and then a query for one product. The cell makes the small files in one go: each of them is what
# one run of the job would have appended.

# %% tags=["wrong"]
path = str(folder / "table")
events.repartition(FILES).write.format("delta").save(path)


def seconds_of_query():
    """The seconds that it takes to count the events of one product."""
    started = time.perf_counter()
    shop.spark.read.format("delta").load(path).where(F.col("product_id") == product).count()
    return time.perf_counter() - started


seconds_of_query()
print(f"{seconds_of_query():.2f} s for one product")

# %% [markdown]
# ## The evidence
#
# Seconds say little on a small table. Files say more. For each file the log has the number of rows and the smallest and
# largest value of a column: a query skips the files that cannot have what it looks for. The cell asks the log which
# files a query for one product must open. Each file has all products, so it is all of them; and a file of a few
# kilobytes costs as much to find and open as a large one.

# %% tags=["evidence"]
def files_of(path):
    """The files of the current version: path, size, and range of product_id."""
    return pa.table(DeltaTable(path).get_add_actions(flatten=True))


def files_to_read(path, product):
    """The files that may have rows of a product, by their statistics, and all files."""
    files = files_of(path)
    low, high = files["min.product_id"], files["max.product_id"]
    may_have = pc.and_kleene(pc.less_equal(low, product), pc.greater_equal(high, product))
    return sum(bool(each) for each in may_have.to_pylist()), files.num_rows


needed, files = files_to_read(path, product)
mean_size = sum(files_of(path)["size_bytes"].to_pylist()) / files
print(f"A query for {product} opens {needed} of {files} files, of {mean_size / 1024:.0f} KiB each.")
assert files == FILES
assert needed > 0.9 * files
assert mean_size < 64 * 1024

# %% [markdown]
# ## The right way
#
# **OPTIMIZE** writes the rows of small files into large ones. It is a commit that changes no row: readers and other
# writers go on meanwhile. On Spark: `OPTIMIZE delta.`…``; on Sail delta-rs does the same to the same log.

# %% tags=["right"]
metrics = DeltaTable(path).optimize.compact()
needed_then, files_then = files_to_read(path, product)
print(f"OPTIMIZE: {metrics['numFilesRemoved']} files became {metrics['numFilesAdded']}; {seconds_of_query():.2f} s")
assert files_then < FILES / 10
assert shop.spark.read.format("delta").load(path).count() == truth["events"]

# %% [markdown]
# ### Z-order
#
# One large file has all products as well, and must be read whole. Statistics only help where rows of one product lie
# together. Sorting does that for one column; a Z-order does it for several at once, each a little worse than if it were
# alone. (On Databricks, liquid clustering, `CLUSTER BY`, replaces both and partitions.) A real table has files of 100
# MB or more; the cell sets a size that makes several files of this small one.

# %%
TARGET = sum(files_of(path)["size_bytes"].to_pylist()) // 8
DeltaTable(path).optimize.z_order(["product_id"], target_size=TARGET)
needed_zorder, files_zorder = files_to_read(path, product)
print(f"Z-order: a query for {product} opens {needed_zorder} of {files_zorder} files; {seconds_of_query():.2f} s")
assert files_zorder >= 4
assert needed_zorder <= files_zorder / 2
assert shop.spark.read.format("delta").load(path).count() == truth["events"]

# %% [markdown]
# On Spark the statement is `OPTIMIZE … ZORDER BY (product_id)`.

# %%
if shop.is_spark:
    shop.spark.sql(f"OPTIMIZE delta.`{path}` ZORDER BY (product_id)").collect()
    assert shop.spark.read.format("delta").load(path).count() == truth["events"]
    needed_zorder, files_zorder = files_to_read(path, product)

# %% [markdown]
# ### VACUUM
#
# OPTIMIZE deletes nothing. The old files are still there, for readers that began before and for time travel: the folder
# is now three times as large. VACUUM deletes files that no version younger than the retention needs. Seven days are the
# default, and less than the longest query or the longest job is a mistake: a reader would miss its files. The cell uses
# zero hours, in a folder that nobody else reads.

# %%
def files_on_disk(path):
    """The data files in a table's folder, current or not."""
    return sum(1 for _ in Path(path).glob("*.parquet"))


before = files_on_disk(path)
assert shop.spark.read.format("delta").option("versionAsOf", 0).load(path).count() == truth["events"]
DeltaTable(path).vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)
after = files_on_disk(path)
print(f"{before} files on disk, {after} after VACUUM, {files_of(path).num_rows} in the current version")
assert after == files_of(path).num_rows < before

try:
    shop.spark.read.format("delta").option("versionAsOf", 0).load(path).agg(F.max("event_at")).collect()
    is_gone = False
except Exception as error:
    is_gone = True
    print(f"Version 0 cannot be read any more: {type(error).__name__}")
assert is_gone

# %% [markdown]
# ### What shoplake does
#
# `shoplake maintain auto`, and the end of a run if it is due, look for tables with many small files, compact them,
# delete what is older than the retention, and say what it was worth. Tables are partitioned by the day that runs
# replace, so a compaction never touches a day that did not change.

# %%
status = {each.table: each.files for each in shop.lake.maintenance_status()}
of_events = status["silver.events"]
print(f"silver.events: {of_events.files} files, {of_events.small_files} small, {of_events.unused_files} unused")
assert of_events.files <= len(truth["events_daily"]), "one file a day at most"

# %% [markdown] tags=["question"]
# ## Your turn
#
# The table at `path` has many small files. Make it fast for queries by `visitor_id`: few files, the rows of a visitor
# together, and no unused file left on disk. Nobody else reads it, so no version need be kept. Files of about
# `target_size` bytes are wanted.

# %% tags=["exercise"]
def answer(path, target_size):
    """Make the table at `path` fast for queries by visitor_id."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(path, target_size):
    """Make the table at `path` fast for queries by visitor_id."""
    table = DeltaTable(path)
    table.optimize.z_order(["visitor_id"], target_size=target_size)
    table.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)


# %% tags=["mistake"] hint="lie together"
def mistake_only_compacts(path, target_size):
    """Makes larger files, in which the rows lie as they came."""
    table = DeltaTable(path)
    table.optimize.compact(target_size=target_size)
    table.vacuum(0, dry_run=False, enforce_retention_duration=False, full=True)


# %% tags=["mistake"] hint="VACUUM"
def mistake_keeps_old_files(path, target_size):
    """Calls vacuum as it is: a dry run that deletes nothing."""
    table = DeltaTable(path)
    table.optimize.z_order(["visitor_id"], target_size=target_size)
    table.vacuum()


# %% tags=["check"]
def check(answer):
    """Look at the files that the answer leaves, and count the rows."""
    path = str(shop.scratch("17-answer") / "table")
    events.repartition(16).write.format("delta").save(path)
    target = sum(files_of(path)["size_bytes"].to_pylist()) // 6
    answer(path, target)
    rows = shop.spark.read.format("delta").load(path)
    require(rows.count() == truth["events"], f"The table has {rows.count()} rows instead of {truth['events']}.")
    files = files_of(path)
    require(files.num_rows < 16, f"There are {files.num_rows} files. Write larger ones: OPTIMIZE.")
    ranges = zip(files["min.visitor_id"].to_pylist(), files["max.visitor_id"].to_pylist(), strict=True)
    visitor = rows.groupBy("visitor_id").count().orderBy("visitor_id").limit(200).tail(1)[0]["visitor_id"]
    needed = sum(low <= visitor <= high for low, high in ranges)
    require(
        needed <= max(1, files.num_rows // 2),
        f"A query for one visitor opens {needed} of {files.num_rows} files: rows of a visitor must lie together.",
    )
    unused = files_on_disk(path) - files.num_rows
    require(unused == 0, f"{unused} unused files are on disk. VACUUM deletes them, unless it is a dry run.")


try_answer("17", check, answer)
