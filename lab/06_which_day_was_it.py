# %% [markdown]
# # 06 Which day was it?
#
# - **Engines:** sail, spark
# - **Minutes:** 25
# - **Exam objectives:** 3.4
# - **You learn:** to turn a time in UTC into the shop's day, across a change of the clocks.

# %% [markdown] tags=["question"]
# ## The question
#
# The shop is in New York. Its manager compares Saturday's visits in the lake with those in the shop's own back office,
# and they differ. Both have the same events.

# %%
from datetime import datetime
from zoneinfo import ZoneInfo

from pyspark.sql import functions as F
from support import TIMEZONE, open_shop, require, try_answer

from shoplake.columns.time import local_date

shop = open_shop()
events = shop.table("silver.events").select("event_id", "event_at", "visitor_id")


def by_day(rows, day):
    """The number of rows of each day, as text."""
    return {str(row["day"]): row["count"] for row in rows.groupBy(day.alias("day")).count().collect()}


# %% [markdown]
# ## The wrong way
#
# A timestamp has a date, so take it.

# %% tags=["wrong"]
utc_days = by_day(events, F.to_date("event_at"))
print(f"{len(utc_days)} days")

# %% [markdown]
# ## The evidence
#
# The shop sold on 21 days; the table has 22. A timestamp is a point in time, counted from 1970 in UTC. It has no date
# until one says where. When it is 20:00 in New York, it is already tomorrow in UTC, and that is when people shop.

# %% tags=["evidence"]
truth = shop.truth["events_daily"]
wrong_days = [day for day, count in truth.items() if utc_days.get(day) != count]
moved = events.where(F.to_date("event_at") != local_date(F.col("event_at"), TIMEZONE)).count()
print(f"{len(wrong_days)} of {len(truth)} days are wrong; {moved} events are on the day after theirs.")
assert len(utc_days) > len(truth)
assert len(wrong_days) > len(truth) / 2

# %% [markdown]
# ### Five hours, or four?
#
# Subtracting five hours is right until 8 March 2026, when New York's clocks go forward. Then it is four. Read the
# offset from the time zone database instead: it knows every change.

# %% tags=["evidence"]
offsets = {
    day: datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo(TIMEZONE)).utcoffset().total_seconds() / 3600
    for day in truth
}
fixed_days = by_day(events, F.to_date(F.col("event_at") - F.expr("interval 5 hours")))
print(f"Offsets: {sorted(set(offsets.values()))}")
print(f"With five hours, {sum(fixed_days.get(day) != count for day, count in truth.items())} days are wrong.")
assert len(set(offsets.values())) == 2
assert fixed_days != truth

# %% [markdown]
# ## The right way
#
# Store times in UTC, and make the day with the shop's zone: `from_utc_timestamp` gives the wall clock there, `to_date`
# its day. shoplake has one function for it, which all tables use: `local_date`. A feed names its `timezone` in the
# settings.
#
# The other way is `to_utc_timestamp`. `unix_timestamp` and `unix_millis` make a number of seconds or milliseconds since
# 1970; `timestamp_millis` makes a timestamp of one. `date_format`, `date_trunc`, `datediff`, `months_between` and
# `add_months` work on the wall clock that they are given: convert first.

# %% tags=["right"]
local_days = by_day(events, local_date(F.col("event_at"), TIMEZONE))
assert local_days == truth
events.select(
    "event_at",
    F.from_utc_timestamp("event_at", TIMEZONE).alias("wall_clock"),
    F.unix_millis("event_at").alias("epoch_ms"),
    F.date_format(F.from_utc_timestamp("event_at", TIMEZONE), "EEEE HH:mm").alias("weekday"),
).show(3, truncate=False)

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return the number of events of each of the shop's days as a dictionary such as `{"2026-03-01": 123, …}`. `events` has
# the column `event_at` in UTC, `timezone` is the name of the shop's zone.

# %% tags=["exercise"]
def answer(events, timezone):
    """The number of events by local day."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(events, timezone):
    """The number of events by local day."""
    return by_day(events, local_date(F.col("event_at"), timezone))


# %% tags=["mistake"] hint="days of UTC"
def mistake_utc_day(events, timezone):
    """Takes the date of UTC."""
    return by_day(events, F.to_date("event_at"))


# %% tags=["mistake"] hint="clocks"
def mistake_fixed_offset(events, timezone):
    """Subtracts five hours all year."""
    return by_day(events, F.to_date(F.col("event_at") - F.expr("interval 5 hours")))


# %% tags=["check"]
def check(answer):
    """Compare each day with the ground truth."""
    days = answer(events, TIMEZONE)
    require(isinstance(days, dict), f"Return a dictionary of counts by day, not {type(days).__name__}.")
    days, expected = {str(day): count for day, count in days.items()}, shop.truth["events_daily"]
    times = [day for day in days if len(day) > len("2026-03-01")]
    require(not times, f"A key is a day such as 2026-03-01, not {times[:1]}. to_date makes one of a time.")
    require(days != utc_days, "These are the days of UTC. The shop's evening is on the next day there.")
    backwards = by_day(events, F.to_date(F.to_utc_timestamp("event_at", TIMEZONE)))
    require(days != backwards, "You took UTC for the shop's time. event_at is in UTC: convert from it, not to it.")
    winter = {day for day, offset in offsets.items() if offset == min(offsets.values())}
    wrong = {day for day, count in expected.items() if days.get(day) != count}
    is_offset = len(wrong) > 1 and min(len(wrong & winter), len(wrong - winter)) <= 1
    require(not is_offset, "The days are right on one side of the clocks' change. Use the zone's name, not an offset.")
    require(not wrong, f"{len(wrong)} days are wrong, the first is {min(wrong, default='')}.")
    require(len(days) == len(expected), f"There are {len(days)} days; the shop was open on {len(expected)}.")


try_answer("06", check, answer)
