# %% [markdown]
# # 20 Late and twice?
#
# - **Engines:** spark
# - **Minutes:** 40
# - **Exam objectives:** 3.8, 5.2, 5.3, 5.4
# - **You learn:** watermarks, windows and output modes, duplicates in a stream, and to read how much a query remembers.

# %% [markdown] tags=["question"]
# ## The question
#
# The shop's telephones send their events when they have a network again: some twice, some days late. A stream shall
# count each event once. How long does it have to remember an event?

# %%
import json
import os
import shutil
from datetime import timedelta
from itertools import pairwise

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop("spark")
spark = shop.spark
NAMES = "page_view product_view add_to_cart remove_from_cart checkout_started purchase".split()
VALID = """event_id IS NOT NULL AND event_at IS NOT NULL AND visitor IS NOT NULL AND is_known
    AND (price_as_sent IS NULL OR try_cast(price_as_sent AS decimal(18,4)) >= 0)
    AND (quantity_as_sent IS NULL OR try_cast(quantity_as_sent AS int) > 0)"""


FILES = sorted((shop.landing / "events").glob("*.json"))
WEEKS = [FILES[:7], FILES[7:14], FILES[14:]]


def arrive(files, folder):
    """Copy files into a folder, one after the other."""
    for file in files:
        shutil.copy(file, folder / file.name)
        os.utime(folder / file.name, (1_772_000_000 + FILES.index(file), 1_772_000_000 + FILES.index(file)))


def new_folder(name):
    folder = shop.scratch(name) / "source"
    folder.mkdir()
    return folder


def events_of(folder):
    """The valid events of a folder, as a stream."""
    lines = spark.readStream.text(str(folder))
    event = lines.select(F.from_json("value", "map<string,string>").alias("e")).where("e IS NOT NULL")
    fields = event.select(
        F.expr("e['event_id']").alias("event_id"),
        F.expr("try_cast(e['event_ts'] AS timestamp)").alias("event_at"),
        F.expr("e['event_name']").alias("event_name"),
        F.expr("coalesce(e['user_id'], e['anonymous_id'])").alias("visitor"),
        F.expr("e['event_name']").isin(NAMES).alias("is_known"),
        F.expr("e['price']").alias("price_as_sent"),
        F.expr("e['quantity']").alias("quantity_as_sent"),
    )
    return fields.where(VALID).select("event_id", "event_at", "event_name", "visitor")


def run(rows, folder, parts):
    """Run a stream each time that a part of the files has arrived; return its progress, and the rows that it wrote."""
    target, checkpoint = folder.parent / "table", folder.parent / "checkpoint"
    writer = rows.writeStream.format("delta").option("checkpointLocation", str(checkpoint)).outputMode("append")
    progress = []
    for files in parts:
        arrive(files, folder)
        query = writer.trigger(availableNow=True).start(str(target))
        query.awaitTermination()
        progress += query.recentProgress
    return progress, spark.read.format("delta").load(str(target))


# %% [markdown]
# ## The wrong way: dropDuplicates
#
# In a batch, `dropDuplicates` looks at all rows. In a stream it has to remember every event that it has ever seen: the
# next one may be the same.

# %% tags=["wrong"]
folder = new_folder("20-forever")
progress, rows = run(events_of(folder).dropDuplicates(["event_id"]), folder, WEEKS)
print(f"{rows.count():,} events; the shop says {shop.truth['events']:,}")

# %% [markdown]
# ## The evidence
#
# The result is right. The price is in the progress of the query: the rows that its *state* holds.

# %% tags=["evidence"]
state = [operator.numRowsTotal for each in progress for operator in each.stateOperators]
print("rows in the state after each batch:", state)
assert state == sorted(state)
assert state[-1] == shop.truth["events"], "every event ever seen is remembered"

# %% [markdown]
# After a year the state has a year of events. It is kept on disk and in memory of the executors, and every batch looks
# into it.
#
# ## The right way: a watermark
#
# `withWatermark("event_at", "7 days")` promises: no event is more than seven days older than the newest one that was
# seen. What is older than that may be forgotten, and an event that breaks the promise is dropped and counted.
# `dropDuplicatesWithinWatermark` needs no more than the key. `dropDuplicates` forgets only where `event_at` is among its
# columns too, and then an event that is sent again with another time counts twice.

# %% tags=["right"]
folder = new_folder("20-watermark")
once = events_of(folder).withWatermark("event_at", "7 days").dropDuplicatesWithinWatermark(["event_id"])
progress, rows = run(once, folder, WEEKS)
bounded = [operator.numRowsTotal for each in progress for operator in each.stateOperators]
print("rows in the state after each batch:", bounded, "watermark:", progress[-1].eventTime["watermark"])
print(f"{rows.count():,} events")
assert rows.count() == shop.truth["events"]
assert bounded[-1] < 0.75 * state[-1]

# %% [markdown]
# Each run ends with an empty batch that applies the new watermark, hence two figures a run. An event is forgotten when
# the watermark, which is seven days behind, is seven days past it: the state holds two weeks
# of events, and after a year it still does.
#
# The promise has a price on both sides: long, and the state is large and windows are closed late; short, and late
# events are lost. `shoplake stream` uses an hour for `ops.events_live`, which is provisional, and leaves the truth to
# silver, where late events always have their place.
#
# ### Windows and output modes
#
# `F.window("event_at", "1 day")` cuts time into windows of a day, in UTC; with a third argument they slide.
# `F.session_window("event_at", "30 minutes")` ends after a gap.
#
# | output mode | writes after each batch | state |
# | --- | --- | --- |
# | append | rows that will not change: windows before the watermark | dropped behind the watermark |
# | update | rows that changed | dropped behind the watermark |
# | complete | the whole result | never dropped |
#
# In append mode the last windows are not written until a later event moves the watermark past them. Operators that need
# none of this, such as `select` and `where`, are *stateless*; `dropDuplicates`, aggregates and joins of two streams are
# *stateful*. State of your own is kept by `transformWithState`.

# %% tags=["right"]
folder = new_folder("20-windows")
daily = events_of(folder).withWatermark("event_at", "1 hour").groupBy(F.window("event_at", "1 day")).count()
progress, rows = run(daily, folder, WEEKS[:2])
dropped = sum(operator.numRowsDroppedByWatermark for each in progress for operator in each.stateOperators)
rows.select("window.start", "count").orderBy("start").show(3, truncate=False)
print(f"{rows.count()} days are closed; {dropped} rows came too late and were dropped")
assert dropped > 0, "an hour is too short for telephones without a network"

# %% [markdown] tags=["question"]
# ## Your turn
#
# Count the events of each day (in UTC) as a stream in append mode: each event once, the late ones too. Events come up
# to five days late. `answer` gets the stream and returns one with the columns `day` (the start of the window) and
# `events`.


# %% tags=["exercise"]
def answer(events):
    """One row per closed day: day, events."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events):
    """Remember as long as events may be late."""
    once = events.withWatermark("event_at", "7 days").dropDuplicatesWithinWatermark(["event_id"])
    days = once.groupBy(F.window("event_at", "1 day")).count()
    return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))


# %% tags=["mistake"] hint="counted twice"
def mistake_repeats_count(events):
    """Forgets that events come twice."""
    days = events.withWatermark("event_at", "7 days").groupBy(F.window("event_at", "1 day")).count()
    return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))


# %% tags=["mistake"] hint="came late"
def mistake_short_watermark(events):
    """Waits for an hour."""
    once = events.withWatermark("event_at", "1 hour").dropDuplicatesWithinWatermark(["event_id"])
    days = once.groupBy(F.window("event_at", "1 day")).count()
    return days.select(F.col("window.start").alias("day"), F.col("count").alias("events"))


# %% tags=["check"]
def check(answer):
    """Run the stream over all files, and an event of May that closes the days before; compare with the ground truth."""
    folder = new_folder("20-check")
    last = {"event_id": "last", "event_ts": "2026-05-01T12:00:00Z", "event_name": "page_view", "anonymous_id": "nobody"}
    rows_of_days = answer(events_of(folder))
    run(rows_of_days, folder, [FILES[:11]])
    (folder / "later.json").write_text(json.dumps(last))
    progress, rows = run(rows_of_days, folder, [FILES[11:]])
    require(set(rows.columns) == {"day", "events"}, "Return the columns day and events.")
    given = {row["day"]: row["events"] for row in rows.where("day < '2026-05-01'").collect()}
    require(len(given) == rows.where("day < '2026-05-01'").count(), "A day has more than one row.")
    found, expected = sum(given.values()), shop.truth["events"]
    require(found <= expected, f"{found - expected} events were counted twice. Forget repeats before you count.")
    require(found == expected, f"{expected - found} events came late and were dropped. How late may they be?")
    steps = {later - day for day, later in pairwise(sorted(given))}
    require(steps == {timedelta(days=1)}, "A window is a whole day, and there is one for each day.")
    remembered = sum(operator.numRowsTotal for operator in progress[-1].stateOperators)
    require(
        remembered < expected / 2,
        f"At the end the state has {remembered:,} rows: every event ever seen. Set the watermark first, then forget repeats.",
    )


try_answer("20", check, answer)
