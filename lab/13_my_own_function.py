# %% [markdown]
# # 13 My own function?
#
# - **Engines:** sail, spark
# - **Minutes:** 35
# - **Exam objectives:** 3.8, 7.2
# - **You learn:** what a Python function costs in a query, and how to write it for batches instead of rows.

# %% [markdown] tags=["question"]
# ## The question
#
# Bots look at products and never buy. How many events are theirs? Browsers and bots name themselves in a text, the user
# agent, which only the raw events have. The next cell takes it out of the events that are valid and not repeated, and
# writes them to a file, so that the seconds below are those of the function alone.

# %%
import re
import time

import pandas as pd
from pyspark.sql import functions as F
from pyspark.sql.functions import pandas_udf, udf
from support import open_shop, plan_of, require, try_answer

shop = open_shop()
truth, folder = shop.truth, shop.scratch("13")
valid = shop.table("silver.events").select("event_id")
raw = shop.table("bronze.events_raw").select(
    F.get_json_object("raw", "$.event_id").alias("event_id"),
    F.get_json_object("raw", "$.user_agent").alias("user_agent"),
)
raw.dropDuplicates(["event_id"]).join(valid, "event_id", "left_semi").write.parquet(str(folder / "visits"))
visits = shop.spark.read.parquet(str(folder / "visits"))
visits.select("user_agent").limit(3).show(truncate=70)

# %% [markdown]
# ## The wrong way
#
# A Python function with a regular expression, called for each row. It is what everybody writes first.

# %% tags=["wrong"]
BOT = r"(?i)bot|crawl|spider"


@udf("boolean")
def is_bot_by_row(user_agent):
    """Whether one user agent names a bot."""
    return re.search(BOT, user_agent) is not None


def timed(rows):
    """The number of rows, and the seconds that it took to count them."""
    started = time.perf_counter()
    return rows.count(), time.perf_counter() - started


bots_by_row, seconds_by_row = timed(visits.where(is_bot_by_row("user_agent")))
print(f"{bots_by_row} events of bots, {seconds_by_row:.2f} s")

# %% [markdown]
# ## The evidence
#
# The number is right. The price is not: every row goes to Python and back, and the planner cannot look into the
# function. How often would it have to run? A shop has thousands of events and a few dozen browsers. The cell counts
# both, and finds the function in the plan.
#
# The second weakness is worse, because it shows up at night: a null makes the function fail, and the whole job with it.
# A filter before it does not always help. The engine moves filters, and may call the function for rows that another
# filter would have taken away.

# %% tags=["evidence"]
calls, texts = visits.agg(F.count("*"), F.count_distinct("user_agent")).first()
print(f"{calls} calls for {texts} different texts: each text is parsed {calls / texts:.0f} times.")
assert calls == truth["events"]
assert texts * 10 < calls
assert "is_bot_by_row" in plan_of(visits.where(is_bot_by_row("user_agent")))

unknown = shop.spark.createDataFrame([(None,)], "user_agent string")
try:
    unknown.select(is_bot_by_row("user_agent")).collect()
    failure = ""
except Exception as error:
    failure = str(error)
print(f"A null: {re.findall(r'TypeError[^,]*', failure)[:1]}")
assert "TypeError" in failure

# %% [markdown]
# ## The right way
#
# **First: is there a built-in function?** Over 400 are there, they run in the engine, and null stays null.

# %% tags=["right"]
bots, seconds = timed(visits.where(F.col("user_agent").rlike(BOT)))
print(f"built-in: {bots} events of bots, {seconds:.2f} s")
assert bots == truth["bot_events"] == bots_by_row
assert "is_bot" not in plan_of(visits.where(F.col("user_agent").rlike(BOT)))
assert unknown.select(F.col("user_agent").rlike(BOT)).first()[0] is None

# %% [markdown]
# **Second: a function over a batch.** A pandas UDF gets a `pandas.Series` of thousands of values and returns one of the
# same length. The type hints say which kind it is: `Series -> Series` here, `Series -> float` makes a function for
# `groupBy().agg(...)`, `Iterator[Series] -> Iterator[Series]` lets you load a model once for all batches.
# `groupBy().applyInPandas` gets a whole group as a `DataFrame`, `mapInPandas` gets a stream of them.

# %%
@pandas_udf("boolean")
def is_bot_by_batch(user_agents: pd.Series) -> pd.Series:
    """Whether each user agent of a batch names a bot; each text is looked at once."""
    codes, found = pd.factorize(user_agents)
    verdicts = pd.Series(found.str.contains(BOT) if len(found) else [], dtype="boolean")
    return verdicts.reindex(codes).reset_index(drop=True)


bots, seconds = timed(visits.where(is_bot_by_batch("user_agent")))
print(f"pandas UDF: {bots} events of bots, {seconds:.2f} s")
assert bots == truth["bot_events"]


@pandas_udf("double")
def median_length(user_agents: pd.Series) -> float:
    """The median length of a group's texts."""
    return float(user_agents.str.len().median())


visits.groupBy(F.col("user_agent").rlike(BOT).alias("is_bot")).agg(median_length("user_agent").alias("median")).show()

# %% [markdown]
# **Third: the same without pandas.** shoplake needs the browser and the device too, by a list of patterns that no
# single regular expression replaces. Its function is an Arrow UDF: it gets a `pyarrow.Array`, makes a dictionary of the
# distinct texts, parses each of them once, and remembers them for the next batch.

# %%
from shoplake.columns.user_agent import parse_user_agent  # noqa: E402

parsed = visits.select(parse_user_agent("user_agent").alias("agent"))
bots, seconds = timed(parsed.where("agent.is_bot"))
print(f"shoplake: {bots} events of bots, {seconds:.2f} s, with browser and device")
assert bots == truth["bot_events"]

# %% [markdown]
# A function can also have a name in SQL. The first argument is that name.

# %%
shop.spark.udf.register("is_bot", is_bot_by_batch)
visits.createOrReplaceTempView("visits_13")
assert shop.spark.sql("SELECT count(*) FROM visits_13 WHERE is_bot(user_agent)").first()[0] == truth["bot_events"]

# %% [markdown]
# The seconds that you see are those of your machine, for a small shop: to start a Python worker costs more than the
# work itself. What counts is the number of calls, and that the engine understands a built-in function and not yours.

# %% [markdown] tags=["question"]
# ## Your turn
#
# Write a pandas UDF that says whether a user agent is a bot's. It gets a batch of texts, of which some are null: those
# are no bots. Return the UDF; the check calls it as `answer()("user_agent")`.

# %% tags=["exercise"]
def answer():
    """A pandas UDF from a text to a boolean that is never null."""
    raise NotImplementedError


# %% tags=["solution"]
def solution():
    """A pandas UDF from a text to a boolean that is never null."""

    @pandas_udf("boolean")
    def is_bot(user_agents: pd.Series) -> pd.Series:
        return user_agents.str.contains(BOT, na=False)

    return is_bot


# %% tags=["mistake"] hint="large and small letters"
def mistake_one_spelling():
    """Looks for one spelling of the word."""

    @pandas_udf("boolean")
    def is_bot(user_agents: pd.Series) -> pd.Series:
        return user_agents.str.contains("Bot", na=False)

    return is_bot


# %% tags=["mistake"] hint="null"
def mistake_null_is_a_text():
    """Calls a function of texts for nulls too."""

    @pandas_udf("boolean")
    def is_bot(user_agents: pd.Series) -> pd.Series:
        return user_agents.map(lambda text: re.search(BOT, text) is not None)

    return is_bot


# %% tags=["check"]
def check(answer):
    """Count the bots' events with the answer, and try it on a null."""
    is_bot = answer()
    require(callable(is_bot), "Return the function: pandas_udf(...) makes it.")
    try:
        of_null = unknown.select(is_bot("user_agent")).first()[0]
    except Exception:
        of_null = None
    require(of_null is False, "A null must be no bot. Your function fails there, or returns null.")
    found = visits.where(is_bot("user_agent")).count()
    bots = truth["bot_events"]
    require(
        found >= bots,
        f"You found {found} events of bots, not {bots}: names differ in large and small letters (Googlebot, XBot).",
    )
    require(found == bots, f"You found {found} events of bots, there are {bots}: some browsers are taken for bots.")


try_answer("13", check, answer)
