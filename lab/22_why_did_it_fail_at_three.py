# %% [markdown]
# # 22 Why did it fail at three?
#
# - **Engines:** spark
# - **Minutes:** 35
# - **Exam objectives:** 4.3
# - **You learn:** to read an error as data, to find every bad record at once, and where driver and executors write.

# %% [markdown] tags=["question"]
# ## The question
#
# The job of three o'clock failed. There is an e-mail with 90 lines of Java. What is broken, where, and how much of it?

# %%
from pathlib import Path

from pyspark.errors import PySparkException
from pyspark.sql import Observation
from pyspark.sql import functions as F
from support import open_shop, plan_of, require, try_answer

shop = open_shop("spark")
spark = shop.spark
faults = shop.truth["quarantined"]["events"]
lines = (
    spark.read.text(shop.path("events"))
    .select("_metadata.file_name", "value", F.from_json("value", "map<string,string>").alias("event"))
    .where("event IS NOT NULL")
)


def nightly_job():
    """Adds up the prices of all events."""
    return lines.selectExpr("sum(cast(event['price'] AS decimal(18,4))) AS total").collect()


try:
    nightly_job()
    raise SystemError("the job did not fail")
except PySparkException as caught:
    failure = caught

# %% [markdown]
# ## The wrong way: search the text, repair, start again
#
# One searches the text for "error", finds a value, repairs that record, and starts the job again.

# %% tags=["wrong"]
text = str(failure)
hits = [line.strip() for line in text.splitlines() if "error" in line.lower() or "exception" in line.lower()]
print(f"{len(text.splitlines())} lines, of which {len(hits)} speak of an error or exception.")
print(hits[0][:110])

# %% [markdown]
# ## The evidence
#
# The message names one value: the first one that a task met. The other tasks were stopped. How many values would stop
# the next runs? `try_cast` gives null where `cast` fails; a text that is there and becomes null is a bad one.

# %% tags=["evidence"]
price = "try_cast(event['price'] AS decimal(18,4))"
bad_prices = lines.where(f"event['price'] IS NOT NULL AND {price} IS NULL")
bad = bad_prices.count()
named = text.count("The value '")
print(f"The message names {named} value; {bad} are broken. One repair a night takes {bad} nights.")
assert bad == faults["wrong_type_price"]
assert named < bad

# %% [markdown]
# ## The right way
#
# ### An error is data
#
# An error of Spark has a *condition*, which is stable and documented, an SQLSTATE, and parameters. An alert that groups
# by the condition does not break when the wording changes.

# %% tags=["right"]
print("condition ", failure.getCondition())
print("SQLSTATE  ", failure.getSqlState())
print("parameters", failure.getMessageParameters())
assert failure.getCondition() == "CAST_INVALID_INPUT"

# %% [markdown]
# ### All bad records, with their files
#
# `_metadata.file_name` is a hidden column of every file source. shoplake keeps file and line of each record in bronze,
# and a value of the wrong type puts its record into the quarantine instead of stopping the run.

# %% tags=["right"]
bad_prices.groupBy("file_name").agg(F.count("*").alias("records"), F.min("event.price").alias("one_value")).orderBy(
    "file_name"
).show(3, truncate=False)

# %% [markdown]
# ### Watch while it runs
#
# An *observation* computes figures of a query in the same pass over the data: no second read to count what went wrong.
# shoplake records such figures of each write in `ops.quality`; `shoplake metrics` prints them for Prometheus.

# %% tags=["right"]
watch = Observation("prices")
checked = lines.selectExpr("event['price'] AS sent", f"{price} AS price").observe(
    watch,
    F.count(F.lit(1)).alias("rows"),
    F.count_if(F.expr("sent IS NOT NULL AND price IS NULL")).alias("bad"),
)
checked.write.format("noop").mode("overwrite").save()
print(watch.get)
assert watch.get["bad"] == faults["wrong_type_price"]

# %% [markdown]
# ### Who wrote it down?
#
# The *driver* plans and hands out tasks; its log says which stage failed, how often a task was tried and why the job
# was given up. The *executors* run the tasks; their logs have the first exception, with the stack of the code that met
# it. On a cluster each executor has its own log, reached by the page *Executors* of the Spark UI or by `yarn logs`; on
# Databricks by *Driver logs* and *Spark UI* of the cluster. In local mode both write into one file, and the class at
# the beginning of a line tells who speaks: `Executor` or `TaskSetManager` and `DAGScheduler`, which belong to the
# driver. `shoplake spark status` prints the file of the local server.

# %% tags=["right"]
from shoplake.engine.session.spark.server import running_server  # noqa: E402

if server := running_server():
    log = Path(server.log).read_text(errors="replace").splitlines()
    by_executor = [line for line in log if " Executor: " in line and "Exception in task" in line]
    by_driver = [line for line in log if " TaskSetManager: " in line and ("Lost task" in line or "aborting" in line)]
    print("executor:", by_executor[-1][:100])
    print("driver:  ", by_driver[-1][:100])
    assert by_executor and by_driver

# %% [markdown]
# ### Out of memory
#
# The other way to die at three: a table has grown, and somebody once wrote `broadcast`. A broadcast table is collected
# in the driver and copied to every executor. Near the limit that is an `OutOfMemoryError` in either of them; Spark has
# a guard before it, `spark.sql.maxBroadcastTableSize`, which the next cell sets to 8 MB so that the failure is cheap.
#
# The signs: the driver dies by `collect`, `toPandas` or a broadcast; an executor dies by a skewed key, by too few
# partitions, or by Python workers, which need memory beside the heap (`spark.executor.memoryOverhead`).

# %% tags=["right"]
large = spark.range(100_000).select("id", F.repeat(F.col("id").cast("string"), 20).alias("text"))
small = spark.range(1_000)
spark.conf.set("spark.sql.maxBroadcastTableSize", "8MB")
try:
    small.join(F.broadcast(large), "id").agg(F.sum(F.length("text"))).collect()
    raise SystemError("the large table was broadcast")
except PySparkException as error:
    print(str(error).splitlines()[0])

mended = small.join(large.hint("merge"), "id")
letters = mended.agg(F.sum(F.length("text"))).first()[0]
print(f"{letters:,} letters: both sides sorted, none broadcast")
spark.conf.unset("spark.sql.maxBroadcastTableSize")
assert "SortMergeJoin" in plan_of(mended)

# %% [markdown]
# ### What shoplake keeps
#
# `shoplake errors` groups the errors that ended runs by their condition and counts them; `--log-format json` writes one
# object a line, with the run and the table; `shoplake explain TABLE` prints the last run of a table and its plan.

# %% [markdown] tags=["question"]
# ## Your turn
#
# The price is not the only field. Find every value of `price` (a `decimal(18,4)`) and of `quantity` (an `int`) that has
# the wrong type. `lines` has the column `event`, a map of texts. Return one row a bad value: `file_name`, `field`,
# `value`.


# %% tags=["exercise"]
def answer(lines):
    """One row per bad value: file_name, field, value."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(lines):
    """A text that is there and cannot be cast."""
    found = [
        lines.where(f"event['{name}'] IS NOT NULL AND try_cast(event['{name}'] AS {kind}) IS NULL").selectExpr(
            "file_name", f"'{name}' AS field", f"event['{name}'] AS value"
        )
        for name, kind in (("price", "decimal(18,4)"), ("quantity", "int"))
    ]
    return found[0].unionByName(found[1])


# %% tags=["mistake"] hint="no value at all"
def mistake_counts_missing_values(lines):
    """Takes every null for a bad value."""
    return lines.where("try_cast(event['price'] AS decimal(18,4)) IS NULL").selectExpr(
        "file_name", "'price' AS field", "event['price'] AS value"
    )


# %% tags=["mistake"] hint="quantity"
def mistake_stops_at_the_first_field(lines):
    """Looks at the field of the message only."""
    return solution(lines).where("field = 'price'")


# %% tags=["check"]
def check(answer):
    """Compare the bad values of each field with the faults that the simulated shop added."""
    given = answer(lines)
    require(set(given.columns) == {"file_name", "field", "value"}, "Return the columns file_name, field and value.")
    rows = given.collect()
    require(all(row["value"] is not None for row in rows), "Some rows have no value at all: missing is not wrong.")
    for field in ("price", "quantity"):
        found = sum(row["field"] == field for row in rows)
        expected = faults[f"wrong_type_{field}"]
        require(found == expected, f"{found} values of {field} were found; {expected} are broken.")


try_answer("22", check, answer)
