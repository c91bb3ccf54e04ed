# %% [markdown]
# # 14 pandas on a shop that does not fit?
#
# - **Engines:** sail, spark
# - **Minutes:** 25
# - **Exam objectives:** 7.1
# - **You learn:** what `toPandas` brings into your memory, and to run pandas where the data is.

# %% [markdown] tags=["question"]
# ## The question
#
# An analyst knows pandas. What did the visitors put into their carts on each day, in money? The shop has one table of
# events. It is small today.

# %%
import os
import time
import warnings
from decimal import Decimal
from numbers import Number
from pathlib import Path

from pyspark.sql import functions as F
from support import open_shop, require, try_answer

shop = open_shop()
truth = shop.truth
events = shop.table("silver.events")

# %% [markdown]
# ## The wrong way
#
# Fetch the table, and go on in pandas.

# %% tags=["wrong"]
everything = events.toPandas()
everything["value"] = everything["quantity"] * everything["unit_price"].astype(float)
carts = everything[everything["event_name"] == "add_to_cart"].groupby("event_date")["value"].sum()
print(carts.head(3))

# %% [markdown]
# ## The evidence
#
# The right numbers came out, so what is wrong? All rows and all columns went over the wire and lie in the memory of one
# process, and a text in pandas is larger than in a column file. The cell measures both, and what of it was needed:
# three columns, and one event in twenty. Then it reckons what a shop with 100 million events would need.

# %% tags=["evidence"]
in_memory = int(everything.memory_usage(deep=True).sum())
files = Path(shop.lake.path("silver.events")).rglob("*.parquet")
on_disk = sum(file.stat().st_size for file in files)
needed = everything.loc[everything["event_name"] == "add_to_cart", ["event_date", "quantity", "unit_price"]]
needed_bytes = int(needed.memory_usage(deep=True).sum())
per_event = in_memory / len(everything)
print(f"{on_disk / 2**20:.1f} MiB of files become {in_memory / 2**20:.1f} MiB in pandas.")
print(f"{needed_bytes / 2**20:.2f} MiB were needed.")
print(f"100 million events would need {per_event * 100_000_000 / 2**30:.0f} GiB.")
assert len(everything) == truth["events"]
assert in_memory > 2 * on_disk
assert needed_bytes * 20 < in_memory

# %% [markdown]
# ## The right way
#
# The pandas API on Spark looks like pandas and builds a query. Nothing is fetched until you ask for it: `to_pandas()`
# on a small result, a printed head, a plot.
#
# Two things are different from pandas, because the rows are spread over many machines:
#
# - **There is no order, and no row number.** The default index must number all rows: `sequence` needs one task for
#   that, `distributed-sequence` a first pass over the data, `distributed` gives numbers with gaps. You pay nothing
#   where a column is the index: `pandas_api(index_col=...)`.
# - **Types have a null.** A whole number stays one; money stays a decimal.

# %% tags=["right"]
warnings.simplefilter("ignore")  # pandas on Spark warns of each step that could take long
os.environ.setdefault("PYARROW_IGNORE_TIMEZONE", "1")
import pyspark.pandas as ps  # noqa: E402

put_in = events.where("event_name = 'add_to_cart'").select("event_id", "event_date", "quantity", "unit_price")
in_carts = put_in.pandas_api(index_col="event_id")
in_carts["value"] = in_carts["quantity"] * in_carts["unit_price"]
by_day = in_carts.groupby("event_date")["value"].sum().sort_index()
fetched = by_day.to_pandas()
print(f"{len(fetched)} rows were fetched instead of {len(everything)}.")
assert len(fetched) == len(carts)
assert abs(float(fetched.sum()) - float(carts.sum())) < 0.01

# %% [markdown]
# `ps.DataFrame`, Spark's `DataFrame` and pandas are one call apart:
#
# | from | to | call | what happens |
# | --- | --- | --- | --- |
# | Spark | pandas on Spark | `rows.pandas_api(index_col="…")` | nothing is computed |
# | pandas on Spark | Spark | `rows.to_spark(index_col="…")` | nothing is computed |
# | pandas on Spark, Spark | pandas | `to_pandas()`, `toPandas()` | everything is fetched |
# | pandas | pandas on Spark | `ps.from_pandas(rows)` | everything is sent |
#
# A join or a comparison of two frames of different origin needs the option `compute.ops_on_diff_frames`: it is a join
# by the index, and pandas users do not expect a join there.

# %%
ps.set_option("compute.default_index_type", "sequence")  # Sail knows this one; Spark's default numbers in parallel
names = events.select("event_name", "visitor_id").pandas_api()
counts = names["event_name"].value_counts().to_pandas()
print(counts)
assert counts.to_dict() == truth["events_by_name"]
assert names.to_spark().where(F.col("event_name") == "purchase").count() == truth["events_by_name"]["purchase"]

# %% [markdown]
# ### When toPandas is right
#
# For a result. Aggregate first, select the columns, and fetch what a person reads or a chart draws. A `LakeFrame` of
# shoplake does so with `lake.sql("SELECT …").to_pandas()`; `to_arrow()` fetches the same without Python objects.

# %%
started = time.perf_counter()
small = shop.lake.sql("SELECT event_name, count(*) AS events FROM silver.events GROUP BY event_name").to_pandas()
print(f"{len(small)} rows in {time.perf_counter() - started:.2f} s")
assert small["events"].sum() == truth["events"]

# %% [markdown] tags=["question"]
# ## Your turn
#
# How much money is in the purchase events? Return one number: the sum of quantity × unit price of the events with the
# name `purchase`. `frame` is a frame of pandas on Spark with the columns `event_name`, `quantity` and `unit_price`; do
# not fetch its rows.

# %% tags=["exercise"]
def answer(frame):
    """The sum of quantity × unit price of the purchases."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(frame):
    """The sum of quantity × unit price of the purchases."""
    purchases = frame[frame["event_name"] == "purchase"]
    return (purchases["quantity"] * purchases["unit_price"]).sum()


# %% tags=["mistake"] hint="not bought"
def mistake_all_events(frame):
    """Adds up the carts too."""
    return (frame["quantity"] * frame["unit_price"]).sum()


# %% tags=["mistake"] hint="fetched"
def mistake_fetches_all_rows(frame):
    """Fetches the rows before it filters them."""
    rows = frame.to_pandas()
    purchases = rows[rows["event_name"] == "purchase"]
    return (purchases["quantity"] * purchases["unit_price"].astype(float)).sum()


# %% tags=["check"]
class FetchError(Exception):
    """The answer fetches rows."""


def check(answer):
    """Compare the sum with the ground truth; fetching all rows is refused."""

    def refuse(*_, **__):
        raise FetchError

    frame = events.select("event_id", "event_name", "quantity", "unit_price").pandas_api(index_col="event_id")
    for name in ("to_pandas", "to_numpy", "to_dict"):
        object.__setattr__(frame, name, refuse)
    try:
        total = answer(frame)
    except FetchError:
        require(False, "All rows were fetched. Filter and add up first, in the frame of pandas on Spark.")
    require(isinstance(total, Number), f"Return one number, not {type(total).__name__}: .sum() of a column is one.")
    bought = Decimal(truth["event_revenue"])
    total = round(Decimal(str(total)), 2)
    require(total <= bought, f"{total} is too much: {bought} is in purchases, the rest was in carts and not bought.")
    require(total == bought, f"{total} is not {bought}: multiply the price by the quantity, then add up.")


try_answer("14", check, answer)
