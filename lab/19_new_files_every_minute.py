# %% [markdown]
# # 19 New files every minute?
#
# - **Engines:** spark
# - **Minutes:** 35
# - **Exam objectives:** 5.1, 5.2
# - **You learn:** Structured Streaming from files to a Delta table, triggers, and what a checkpoint is for.

# %% [markdown] tags=["question"]
# ## The question
#
# The shop's files arrive all day. Each shall be in the table soon, and once. The job is killed now and then: by a
# deployment, by a machine that goes away. What does it have to remember?

# %%
import json
import os
import shutil
import threading

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop("spark")
spark = shop.spark
files = sorted((shop.landing / "events").glob("*.json"))
morning, evening = files[:14], files[14:]
expected = shop.truth["lines"]["events"]


def arrive(some, folder):
    """Copy files into a folder, one after the other."""
    for file in some:
        shutil.copy(file, folder / file.name)
        os.utime(folder / file.name, (1_772_000_000 + files.index(file), 1_772_000_000 + files.index(file)))


def rows_in(path):
    return spark.read.format("delta").load(str(path)).count()


# %% [markdown]
# ## The wrong way: a list of files
#
# A script keeps a list of the files that it has loaded. It appends the new ones to the table and then notes their
# names. One night it is killed between these two steps.

# %% tags=["wrong"]
folder = shop.scratch("19-list")
source, table, done = folder / "source", folder / "table", folder / "done.json"
source.mkdir()


def load(is_killed=False):
    """Append the files that are not in the list, then extend the list."""
    loaded = json.loads(done.read_text()) if done.exists() else []
    new = [str(file) for file in sorted(source.iterdir()) if str(file) not in loaded]
    spark.read.text(new).write.format("delta").mode("append").save(str(table))
    if is_killed:
        return
    done.write_text(json.dumps(loaded + new))


arrive(morning, source)
load(is_killed=True)
arrive(evening, source)
load()

# %% [markdown]
# ## The evidence
#
# The shop knows how many lines it wrote. Swapping the two steps does not help: then the same accident loses files. Two
# writes to two places are never one.

# %% tags=["evidence"]
loaded_rows = rows_in(table)
print(f"{expected:,} lines in the files, {loaded_rows:,} in the table: {loaded_rows - expected:,} twice.")
assert loaded_rows > expected

# %% [markdown]
# ## The right way: a stream with a checkpoint
#
# A streaming query is a batch query over a table that grows. Spark cuts the input into *micro-batches*. Before a batch
# runs, its number and its files are written into `offsets/` of the *checkpoint*; after it, its number into `commits/`.
# A batch that is in `offsets` and not in `commits` runs again, with the same number and the same files. The Delta sink
# writes that number into the same commit as the rows: a batch that is there already is not written again. A source that
# can be read again, a checkpoint, and a sink that knows what it has: together they are *exactly once*.
#
# | trigger | runs |
# | --- | --- |
# | none | the next batch as soon as one is done |
# | `processingTime="1 minute"` | a batch a minute |
# | `availableNow=True` | all that is there, in batches, then ends; the only one on serverless compute |
# | `once=True` | one batch: all that is there, but after a kill only the batch that was cut off; deprecated |
# | `continuous="1 second"` | single records, few sources; at least once |

# %% tags=["right"]
folder = shop.scratch("19-stream")
source, table, checkpoint = folder / "source", folder / "table", folder / "checkpoint"
source.mkdir()


def ingest():
    """Load what is new, and end."""
    lines = spark.readStream.option("maxFilesPerTrigger", 7).text(str(source))
    writer = lines.writeStream.format("delta").option("checkpointLocation", str(checkpoint))
    query = writer.trigger(availableNow=True).start(str(table))
    query.awaitTermination()
    return query


arrive(morning, source)
query = ingest()
for progress in query.recentProgress:
    print(
        f"batch {progress.batchId}: {progress.sources[0].numInputRows:,} lines, {progress.batchDuration / 1000:.1f} s"
    )


def batches(name):
    return sorted(int(file.name) for file in (checkpoint / name).iterdir() if file.name.isdigit())


print("offsets", batches("offsets"), "commits", batches("commits"))
assert batches("offsets") == batches("commits")

# %% [markdown]
# ### Killed between write and commit
#
# The worst moment is after the rows are in the table and before the checkpoint says so. The next cell makes exactly
# that state: it takes away the last commit of the checkpoint. Spark runs the batch again; the sink skips it.


# %% tags=["right"]
def forget_last_commit(checkpoint):
    """Leave the checkpoint as a kill after the write leaves it."""
    commits = checkpoint / "commits"
    last = max(int(file.name) for file in commits.iterdir() if file.name.isdigit())
    for file in (commits / str(last), commits / f".{last}.crc"):
        file.unlink(missing_ok=True)


forget_last_commit(checkpoint)
arrive(evening, source)
ingest()
history = spark.sql(f"DESCRIBE HISTORY delta.`{table}`").where("operation = 'STREAMING UPDATE'")
written = history.select(F.col("operationParameters")["epochId"].alias("batch")).collect()
print("offsets", batches("offsets"), "- commits of the table:", sorted(int(row["batch"]) for row in written))
print(f"{rows_in(table):,} rows")
assert rows_in(table) == expected

# %% [markdown]
# A checkpoint belongs to one query and one table. Delete it, and the stream reads everything again, under new numbers:
# the rows double. `foreachBatch` has no such sink: there the batch number is yours to use (`txnAppId` and `txnVersion`
# of the Delta writer), which is what `shoplake stream` does for its live events. For its other tables shoplake keeps
# the files that it has read in `ops.files`, written before and after each batch, on either engine: checkpoints may be
# lost, and `shoplake run` and `shoplake stream` may alternate.

# %% [markdown] tags=["question"]
# ## Your turn
#
# Write the job. `answer` gets a folder of text files and the paths of a Delta table and of a checkpoint. It loads what
# is new and ends. It may be called again at any time, also after a kill: then it finishes what was cut off and loads
# what is new.


# %% tags=["exercise"]
def answer(source, table, checkpoint):
    """Append the lines of new files of `source` to the Delta table at `table`, once."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(source, table, checkpoint):
    """A stream that ends when it has read what is there."""
    writer = spark.readStream.text(source).writeStream.format("delta").option("checkpointLocation", checkpoint)
    writer.trigger(availableNow=True).start(table).awaitTermination()


# %% tags=["mistake"] hint="again and appended"
def mistake_appends_all_files(source, table, checkpoint):
    """Appends all files at each call."""
    spark.read.text(source).write.format("delta").mode("append").save(table)


# %% tags=["mistake"] hint="rewrote the table"
def mistake_overwrites_the_table(source, table, checkpoint):
    """Reads all files at each call, and replaces the table."""
    spark.read.text(source).write.format("delta").mode("overwrite").save(table)


# %% tags=["check"]
LIMIT_S = 180


def stop_streams():
    """Stop the streams that run, such as one that nobody waits for."""
    for query in spark.streams.active:
        query.stop()


def call(answer, *paths):
    """Call the job, which has three minutes to end."""
    ended = []
    late = threading.Timer(LIMIT_S, lambda: ended.append(stop_streams()))
    late.start()
    try:
        answer(*map(str, paths))
    finally:
        late.cancel()
    require(not ended, "The job does not end: without a trigger, a stream waits for more files. Use availableNow.")


def check(answer):
    """Call the job twice, with a kill in between, and compare with the lines of the shop's files."""
    stop_streams()
    folder = shop.scratch("19-check")
    source, table, checkpoint = folder / "source", folder / "table", folder / "checkpoint"
    source.mkdir()
    arrive(morning, source)
    call(answer, source, table, checkpoint)
    require(table.exists(), "There is no table after the first call. Wait for the query: awaitTermination().")
    if (checkpoint / "commits").exists():
        is_done = any((checkpoint / "commits").glob("[0-9]*"))
        require(is_done, "The first call ended before its batch did. Wait for the query: awaitTermination().")
        forget_last_commit(checkpoint)
    arrive(evening, source)
    call(answer, source, table, checkpoint)
    found = rows_in(table)
    require(found <= expected, f"{found - expected:,} lines are there twice: files were read again and appended.")
    missing = f"{expected - found:,} lines are missing after a kill and a second call."
    require(found == expected, f"{missing} A call loads all that is new: once=True repeats a batch and ends.")
    operations = spark.sql(f"DESCRIBE HISTORY delta.`{table}`").select("operation", "operationParameters").collect()
    overwrites = [row for row in operations if row["operationParameters"].get("mode") == "Overwrite"]
    require(not overwrites, "The rows are right, but each call read all files again and rewrote the table.")
    is_stream = (checkpoint / "offsets").exists()
    require(is_stream, "The rows are right, but the checkpoint was not used. Write a stream.")


try_answer("19", check, answer)
