# %% [markdown]
# # 00 What is in my shop's folder?
#
# - **Engines:** sail, spark
# - **Minutes:** 20
# - **Exam objectives:** –
# - **You learn:** how the lab works, where the shop's files lie, and why a line is not yet an event.

# %% [markdown] tags=["question"]
# ## The question
#
# A shop drops files into a folder: events and orders as JSON, customers as CSV, products as Parquet. How many events
# did it have? The lab's shop is simulated, so there is a ground truth: `ground_truth.json` beside the files says what
# a correct pipeline must count.
#
# Each lesson goes the same way: a question, a wrong way that runs, the evidence against it, the right way, an exercise.
# `shoplake lab start 00` copies this file beside the data; `shoplake lab check 00` checks your answer.

# %%
from numbers import Number

import pyarrow.parquet as pq
from support import open_shop, require, try_answer

shop = open_shop()
for folder in sorted(each for each in shop.landing.iterdir() if each.is_dir()):
    files = sorted(folder.iterdir())
    print(f"{folder.name}: {len(files)} files, the first is {files[0].name}")

# %% [markdown]
# ## The wrong way
#
# One line is one event, so count the lines.

# %% tags=["wrong"]
lines = shop.spark.read.text(shop.path("events"))
counted = lines.count()
print(f"{counted} lines")

# %% [markdown]
# ## The evidence
#
# The ground truth has fewer events than lines. The folder holds what real folders hold: records that arrived twice,
# records that are cut off, records without an id. The ground truth lists what was put in.

# %% tags=["evidence"]
truth = shop.truth
repeated = sum(truth["duplicates"]["events"].values())
invalid = sum(truth["quarantined"]["events"].values())
print(f"{counted} lines = {truth['events']} events + {repeated} repeated + {invalid} invalid")
assert counted == truth["lines"]["events"]
assert counted == truth["events"] + repeated + invalid

# %% [markdown]
# ## The right way
#
# A lake does not guess. `bronze.events_raw` keeps every line as it came, `silver.events` has each valid event once, and
# `silver.events_quarantine` has the invalid ones, each with the rules that it breaks.

# %% tags=["right"]
print(f"{shop.table('bronze.events_raw').count()} raw records in bronze")
print(f"{shop.table('silver.events').count()} events in silver")
shop.table("silver.events_quarantine").selectExpr("explode(reasons) AS rule").groupBy("rule").count().show(
    truncate=False
)
assert shop.table("silver.events").count() == truth["events"]

# %% [markdown] tags=["question"]
# ## Your turn
#
# Return the number of raw records of each stream as a dictionary: `{"events": 123, "customers": 45, …}` with the keys
# events, customers, products, orders and refunds. JSON has one record a line, and so has CSV, below a header. A Parquet
# file knows its number of rows. Count lines, do not parse them: a record that is cut off, or has a field too many, is a
# record. `landing` is the folder of the shop's files (a `pathlib.Path`).

# %% tags=["exercise"]
def answer(landing):
    """The number of raw records by stream."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(landing):
    """The number of raw records by stream."""
    counts = {}
    for stream in ("events", "orders", "refunds"):
        counts[stream] = sum(len(file.read_text().splitlines()) for file in (landing / stream).glob("*.json"))
    texts = [file.read_text() for file in (landing / "customers").glob("*.csv")]
    counts["customers"] = sum(len(text.splitlines()) - 1 for text in texts)
    counts["products"] = sum(pq.read_metadata(file).num_rows for file in (landing / "products").glob("*.parquet"))
    return counts


# %% tags=["mistake"] hint="header"
def mistake_counts_headers(landing):
    """Counts the header of each CSV file as a customer."""
    counts = solution(landing)
    counts["customers"] += len(list((landing / "customers").glob("*.csv")))
    return counts


# %% tags=["mistake"] hint="one file"
def mistake_first_file(landing):
    """Reads the first file of each stream only."""
    events = sorted((landing / "events").glob("*.json"))[0]
    return solution(landing) | {"events": len(events.read_text().splitlines())}


# %% tags=["check"]
def check(answer):
    """Compare the counts with the ground truth."""
    counts, expected = answer(shop.landing), shop.truth["lines"]
    require(isinstance(counts, dict), f"Return a dictionary of counts by stream, not {type(counts).__name__}.")
    missing = sorted(expected.keys() - counts.keys())
    require(not missing, f"These streams are missing: {', '.join(missing)}.")
    files = shop.truth["files"]
    require(
        counts["customers"] != expected["customers"] + files["customers"],
        "You counted the header of each CSV file as a customer.",
    )
    for stream, records in expected.items():
        found = counts[stream]
        require(isinstance(found, Number), f"The number of {stream} is no number, but {type(found).__name__}.")
        if found < records / 2:
            cause = "Did you read one file of several?"
        elif found < records:
            cause = "One that arrived twice, or cannot be parsed, is a record too."
        else:
            cause = "The nothing behind the last line end is no record." if found == records + files[stream] else ""
        require(found == records, f"There are {records} records in {stream}, not {found}. {cause}".rstrip())


try_answer("00", check, answer)
