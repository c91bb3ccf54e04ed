from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, Tie, col, table
from shoplake.transforms.page_paths import MAX_PAGES

START, EXIT, MORE = "(start)", "(exit)", "(more)"
SEPARATOR = ">"
"""Between the page types of a path as text: sessions are counted by path first, as many take the same one."""
TIES = (
    Tie(
        "step 1 is not taken by every session",
        "SELECT feed, session_date, sessions FROM gold.paths_daily WHERE step_number = 1",
        "SELECT feed, session_date, 1 AS sessions FROM silver.sessions WHERE NOT is_bot",
        keys=("feed", "session_date"),
        measures=("sessions",),
    ),
    Tie(
        "what leads to a page is not what leads away from it",
        "SELECT feed, session_date, step_number + 1 AS step, to_page_type AS page, sessions FROM gold.paths_daily "
        f"WHERE to_page_type NOT IN ('{EXIT}', '{MORE}')",
        "SELECT feed, session_date, step_number AS step, from_page_type AS page, sessions FROM gold.paths_daily "
        f"WHERE from_page_type <> '{START}'",
        keys=("feed", "session_date", "step", "page"),
        measures=("sessions",),
    ),
)


@table(
    "gold",
    key=["feed", "session_date", "step_number", "from_page_type", "to_page_type"],
    write=Replace(partition_by="session_date"),
    partition_by=["session_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("session_date", "date", "The shop's local day of the session's start"),
        col("step_number", "int", "Number of the step in the session, from 1 to 6", unit="steps"),
        col("from_page_type", "string", "Where the step begins; (start) for the first"),
        col("to_page_type", "string", "Where it leads; (exit) at the end of the session, (more) behind step 6"),
        col("sessions", "bigint", "Sessions with this step", unit="sessions"),
    ],
    ties=TIES,
)
def paths_daily(sessions: DataFrame) -> DataFrame:
    """One row per feed, day, step number and pair of page types: the sessions that go from one to the other.

    A session counts on the day it starts; consecutive repeats of a page type count once; bots are excluded. What leads
    to a page type in one step leads away from it in the next, so that in = out at every node; step 1 of all rows adds
    up to the sessions of the day. Step 6 leads to (exit) where the session ends there, else to (more).

    Page types are home, category, search, product, cart, checkout, account and other by the URL of a page view, and
    product, add_to_cart, remove_from_cart, checkout and purchase by the other events. Other tools count single URLs,
    or only pages without actions.
    """
    people = sessions.where(~F.col("is_bot") & F.col("page_types").isNotNull())
    path = F.array_join("page_types", SEPARATOR).alias("path")
    paths = people.groupBy("feed", "session_date", path).agg(F.count("*").alias("sessions"))
    pages = F.when(F.col("path") == "", F.array().cast("array<string>")).otherwise(F.split("path", SEPARATOR))
    typed = paths.select("feed", "session_date", "sessions", pages.alias("pages"))
    end = F.when(F.size("pages") < MAX_PAGES, EXIT).otherwise(MORE)
    nodes = F.concat(F.array(F.lit(START)), F.slice("pages", 1, MAX_PAGES - 1), F.array(end))
    steps = typed.select("feed", "session_date", "sessions", nodes.alias("nodes")).select(
        *("feed", "session_date", "sessions", "nodes"), F.explode(F.sequence(F.lit(1), F.size("nodes") - 1)).alias("n")
    )
    return (
        steps.select(
            "feed",
            "session_date",
            "sessions",
            F.col("n").alias("step_number"),
            F.get("nodes", F.col("n") - 1).alias("from_page_type"),
            F.get("nodes", "n").alias("to_page_type"),
        )
        .groupBy("feed", "session_date", "step_number", "from_page_type", "to_page_type")
        .agg(F.sum("sessions").alias("sessions"))
    )
