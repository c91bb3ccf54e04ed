# %% [markdown]
# # 26 Who leaves?
#
# - **Engines:** sail, spark
# - **Minutes:** 40
# - **Exam objectives:** 1.7
# - **You learn:** features with a date, leakage and how to catch it, to train and test a model by month, and to log it.

# %% [markdown] tags=["question"]
# ## The question
#
# A shop has a budget for a letter to customers who are about to leave. Who are they? A model shall say it. Nobody tells
# a shop that he leaves: a customer counts as *churned* on a day if nothing is ordered in the 90 days from it.
#
# A churn model needs more than three weeks. This lesson simulates a second shop: sixteen months, orders only. It needs
# the extra `ml` (`uv sync --extra ml`).

# %%
import importlib.util
import os
from datetime import date, timedelta

import numpy as np
import pyarrow.parquet as pq
from pyspark.sql import functions as F
from support import open_shop, require, try_answer

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.ml.churn.evaluation.metrics import roc_auc
from shoplake.ml.churn.rows import CALIBRATE, TEST, TRAIN, ChurnRows
from shoplake.ml.churn.training import check_leakage, train_churn
from shoplake.ml.model_errors import TrainingError
from shoplake.simulate.realistic.generator import generate_realistic
from shoplake.transforms.features.churn_labels import label_churn
from shoplake.transforms.features.point_in_time import with_as_of
from shoplake.transforms.feed_date import feed_date

shop = open_shop()
START, DAYS, HORIZON = date(2026, 3, 1), 480, 90
landing = shop.folder / "landing_churn"
if not (landing / "ground_truth.json").exists():
    arguments = {"orders": 4_000, "customers": 900, "products": 40, "days": DAYS, "events": 0, "starts_on": START}
    generate_realistic(landing, features=(), **arguments)
FEEDS = (Feed("shop", ZENITH, str(landing), "Europe/London", "GBP"),)

sales = (
    shop.spark.read.text(str(landing / "orders"))
    .select(F.from_json("value", "customer_id string, ordered_at string, status string").alias("order"))
    .where("order.customer_id IS NOT NULL")
    .selectExpr(
        "'shop' AS feed",
        "order.customer_id",
        "cast(order.ordered_at AS timestamp) AS ordered_at",
        "'sale' AS kind",
        "'goods' AS line_class",
        "order.status",
    )
)
orders = sales.select("feed", "customer_id", "ordered_at", feed_date("ordered_at", FEEDS).alias("ordered_on"))
NAMES = ("days_since_last_order", "days_since_first_order", "order_days", "order_days_90d")


def summarised(rows):
    """Features of each customer on each as-of day."""
    ordered = F.col("ordered_on")
    is_recent = ordered >= F.date_sub("as_of_date", HORIZON)
    return rows.groupBy("feed", "customer_id", "as_of_date").agg(
        F.date_diff(F.col("as_of_date"), F.max(ordered)).alias("days_since_last_order"),
        F.date_diff(F.col("as_of_date"), F.min(ordered)).alias("days_since_first_order"),
        F.count_distinct(ordered).alias("order_days"),
        F.count_distinct(F.when(is_recent, ordered)).alias("order_days_90d"),
    )


# %% [markdown]
# ## The wrong way: all that is known today
#
# One row per customer, made of everything that is in the lake; the outcome from the last 90 days; a random half to
# train with and the other one to test with. Every tutorial does it, and the result is splendid.

# %% tags=["wrong"]
last_day = START + timedelta(days=DAYS)
all_known = summarised(orders.withColumn("as_of_date", F.lit(last_day)))
then = last_day - timedelta(days=HORIZON)
splendid = all_known.withColumn("is_churned", (F.col("days_since_last_order") > HORIZON).cast("double")).toPandas()
recency = splendid["days_since_last_order"].to_numpy(float)
outcome = splendid["is_churned"].to_numpy(float)
area = roc_auc(recency, outcome)
print(f"{len(splendid)} customers, {outcome.mean():.0%} churned. AUC with one feature: {area:.3f}")

# %% [markdown]
# ## The evidence
#
# The area under the ROC curve (AUC) is the probability that a churned customer has a higher score than one who stayed.
# What is the best that anybody could reach? The simulated shop knows for each customer how often orders come (`rate`,
# per day) and with which probability an order is the last one (`drop_out`). From these, and the days since the last
# order, follows the probability that a customer is still there, and that nothing comes in 90 days. No model knows more
# before the 90 days begin; one that is better has looked at the answer. The feature here *is* the answer: it was
# measured after the days that it shall predict.

# %% tags=["evidence"]
lives = pq.read_table(landing / "ground_truth" / "customers.parquet").to_pandas().set_index("customer_id")
told = pq.read_table(landing / "ground_truth" / "orders.parquet").to_pandas()


def best_possible(day):
    """The AUC on a day of the probability that follows from each customer's true rate and drop-out."""
    before = told[told["order_date"] < day].groupby("customer_id")["order_date"].max()
    in_time = (told["order_date"] >= day) & (told["order_date"] < day + timedelta(days=HORIZON))
    churned = ~before.index.isin(told[in_time]["customer_id"].dropna())
    rate, drop_out = (lives.loc[before.index, name].to_numpy(float) for name in ("rate", "drop_out"))
    stayed = (1 - drop_out) * np.exp(-rate * np.array([(day - last).days for last in before]))
    is_there = stayed / (drop_out + stayed)
    return roc_auc(1 - is_there * (1 - np.exp(-rate * HORIZON)), churned.astype(float))


best = best_possible(then)
print(f"AUC of the model: {area:.3f}. The best possible: {best:.3f}.")
assert area > best + 0.01, "a model that knows the future must be above what can be known"
try:
    check_leakage({"days_since_last_order": area})
    raise SystemError("the leak was not found")
except TrainingError as error:
    print(f"shoplake refuses to train: {error}")

# %% [markdown]
# ## The right way: features with a date, and months in order
#
# - A row is a customer *on an as-of day*. Its features are made of what happened strictly before that day; its outcome
#   is the 90 days from it.
# - The model is trained on early months, calibrated on a later one and tested on a still later one, in which the
#   outcomes of the former were known. A random split would train on the future.
# - The figure means something beside a simple rule: here, the time since the last order.
#
# `label_churn` adds the outcome, `train_churn` trains a random forest and its peers and measures all of them on the
# test month. `gold.churn_features` is made in the same way, with more features, and keeps what was known when.

# %% tags=["right"]
SPLITS = {180: TRAIN, 210: TRAIN, 300: CALIBRATE, 390: TEST}
as_of = {START + timedelta(days=day): split for day, split in SPLITS.items()}
past = with_as_of(orders, as_of).where("ordered_on < as_of_date")
labelled = label_churn(summarised(past), sales, list(as_of), FEEDS).orderBy("as_of_date", "customer_id").toPandas()
rows = ChurnRows(
    NAMES,
    labelled["customer_id"].to_numpy(object),
    labelled[list(NAMES)].to_numpy(float),
    labelled["is_churned"].to_numpy(float),
    np.array([as_of[day] for day in labelled["as_of_date"]], dtype=object),
)
trained = train_churn(rows, seed=7, trees=8, rounds=20)
figures = trained.evaluation.metrics
for name, each in figures.items():
    print(f"{name:<20} AUC {each['roc_auc']:.3f}")
best = best_possible(max(as_of))
print(f"{'best possible':<20} AUC {best:.3f}")
assert all(0.5 < each["roc_auc"] < best + 0.05 for each in figures.values()), "nothing is better than the best possible"

# %% [markdown]
# These figures are lower, and true. Read them against each other: a forest of four features is not better than the rule
# "who has not bought for long is gone". MBG/NBD, a model of how customers buy and leave, is nearest to the best
# possible: the simulated customers behave as it assumes, which real ones do not quite. That is a result too, and it
# saves money.
#
# ### The same with Spark
#
# On Spark a model can be trained where the rows are: `pyspark.ml` has estimators, transformers and pipelines, also
# through Spark Connect. Sail does not have it.

# %% tags=["right"]
if shop.is_spark:
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.feature import VectorAssembler

    frame = shop.spark.createDataFrame(labelled[["is_churned", *NAMES]].astype(float))
    vectors = VectorAssembler(inputCols=list(NAMES), outputCol="features").transform(frame)
    model = LogisticRegression(labelCol="is_churned", maxIter=5).fit(vectors)
    print("pyspark.ml:", model.coefficients)
else:
    print("pyspark.ml needs Spark: SHOPLAKE_LAB_ENGINE=spark")

# %% [markdown]
# ### Keep what was tried
#
# A figure without the model, its parameters and its rows is a rumour. MLflow keeps them as *runs* of an *experiment*;
# models that are used have versions in its registry. In a lake, `shoplake train churn` does it: the lake is the
# registry, and `shoplake models mirror` copies it to MLflow. By hand it looks like this; it needs the extra `mlflow`.

# %% tags=["right"]
if importlib.util.find_spec("mlflow") and importlib.util.find_spec("sqlalchemy"):
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{shop.scratch('mlflow') / 'mlflow.db'}")
    mlflow.set_experiment("who-leaves")
    with mlflow.start_run(run_name="forest"):
        mlflow.log_params({"trees": 8, "seed": 7, "horizon_days": HORIZON, "features": ",".join(NAMES)})
        mlflow.log_metrics({f"{name}.auc".replace(" ", "_"): each["roc_auc"] for name, each in figures.items()})
    [run] = mlflow.search_runs(output_format="list")
    print("MLflow:", run.data.params, run.data.metrics)
    assert run.data.params["seed"] == "7"
else:
    print("Not logged: uv sync --extra mlflow")

# %% [markdown] tags=["question"]
# ## Your turn
#
# Make the rows of one as-of day by yourself. `orders` has one row per order, with `customer_id` and `ordered_on`.
# Return one row per customer who had ordered before the as-of day, with `customer_id`, `days_since_last_order` (on the
# as-of day) and `is_churned`: whether nothing is ordered in the 90 days from the as-of day, that day included.


# %% tags=["exercise"]
def answer(orders, as_of):
    """One row per customer with an order before `as_of`: customer_id, days_since_last_order, is_churned."""
    raise NotImplementedError


# %% tags=["solution"]
def solution(orders, as_of):
    """Features from the days before, the outcome from the days after."""
    day, until = F.lit(as_of), F.date_add(F.lit(as_of), HORIZON)
    before = orders.where(F.col("ordered_on") < day).groupBy("customer_id")
    known = before.agg(F.date_diff(day, F.max("ordered_on")).alias("days_since_last_order"))
    buyers = orders.where((F.col("ordered_on") >= day) & (F.col("ordered_on") < until)).select("customer_id").distinct()
    joined = known.join(buyers.withColumn("buys", F.lit(True)), "customer_id", "left")
    return joined.select("customer_id", "days_since_last_order", F.col("buys").isNull().alias("is_churned"))


# %% tags=["mistake"] hint="knows the future"
def mistake_last_order_of_all(orders, as_of):
    """Measures recency over all orders."""
    last = orders.groupBy("customer_id").agg(F.max("ordered_on").alias("last"))
    recency = F.date_diff(F.lit(as_of), F.col("last")).alias("days_since_last_order")
    return (
        solution(orders, as_of).drop("days_since_last_order").join(last.select("customer_id", recency), "customer_id")
    )


# %% tags=["mistake"] hint="had not ordered yet"
def mistake_customers_of_tomorrow(orders, as_of):
    """Takes all customers, those of later days too."""
    everybody = orders.select("customer_id").distinct()
    rows = everybody.join(solution(orders, as_of), "customer_id", "left")
    return rows.fillna({"days_since_last_order": 0, "is_churned": False})


# %% tags=["check"]
def check(answer):
    """Compare each customer with the orders of the ground truth."""
    day = START + timedelta(days=300)
    truth = pq.read_table(landing / "ground_truth" / "orders.parquet").to_pandas()
    truth = truth[truth["customer_id"].notna()]
    before = truth[truth["order_date"] < day].groupby("customer_id")["order_date"].max()
    in_time = (truth["order_date"] >= day) & (truth["order_date"] < day + timedelta(days=HORIZON))
    buyers = set(truth[in_time]["customer_id"])
    given = answer(orders.select("customer_id", "ordered_on"), day).collect()
    require(
        given and {"customer_id", "days_since_last_order", "is_churned"} <= set(given[0].asDict()),
        "Return the columns customer_id, days_since_last_order and is_churned.",
    )
    found = {row["customer_id"]: row for row in given}
    require(len(found) == len(given), "A customer has more than one row.")
    strangers = found.keys() - set(before.index)
    require(not strangers, f"{len(strangers)} customers had not ordered yet on the as-of day. They cannot leave.")
    require(
        len(found) == len(before), f"{len(before) - len(found)} customers with an order before the day are missing."
    )
    recencies = [row["days_since_last_order"] for row in given]
    require(min(recencies) > 0, "A recency of zero or less knows the future: use orders before the as-of day only.")
    for customer, last in before.items():
        days = (day - last).days
        require(found[customer]["days_since_last_order"] == days, f"{customer} ordered {days} days before the day.")
        is_churned = customer not in buyers
        require(found[customer]["is_churned"] == is_churned, f"{customer}: is_churned must be {is_churned}.")


try_answer("26", check, answer)
