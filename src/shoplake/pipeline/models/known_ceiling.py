"""The best possible score of churn, where a feed is a simulated shop whose parameters lie beside its files."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq

from shoplake.engine import filesystem_for
from shoplake.ml.churn.evaluation.ceiling import KnownRates
from shoplake.ml.churn.rows import HORIZON_DAYS
from shoplake.simulate.calendar import Calendar
from shoplake.simulate.realistic.business_time import BusinessTime
from shoplake.simulate.zenith.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from shoplake.declare import Feed

COVARIATES = ("is_paid_social", "is_mobile", "is_discounted_first_order")
PARAMETERS = frozenset({"r", "alpha", "a", "b", "gamma", "delta"})
SHOP = ("customers", "products", "days", "seed", "timezone", "currency")


def p_churn_at_best(feeds: Iterable[Feed], customers: NDArray[Any], day: date) -> NDArray[np.float64] | None:
    """Return the exact probability of churn of customers on an as-of day; None where it is not known.

    It is known where exactly one feed has a ground truth with the parameters of its customers, and all customers are
    among these. It is the posterior given their orders, for nobody can know rates and drop-out. Cancelled orders count
    as orders here, and planted days of unusual demand as usual ones: with these it is nearly exact.
    """
    known = [(feed, truth) for feed in feeds if (truth := _read_truth(feed.path)) is not None]
    if len(known) != 1:
        return None
    [(feed, truth)] = known
    orders, people = (_read_table(feed.path, name) for name in ("orders", "customers"))
    business = BusinessTime(Calendar(_shop_of(truth["arguments"])))
    ends = [_midnight(each, truth["arguments"]["timezone"]) for each in (day, day + timedelta(days=HORIZON_DAYS))]
    past = _summarize_orders(orders, business, ends[0])
    names = list(customers)
    if not set(names) <= set(past.index) & set(people["customer_id"]):
        return None
    found, covariates = past.loc[names], people.set_index("customer_id").loc[names, list(COVARIATES)].to_numpy(float)
    now, later = business.from_utc(np.array(ends))
    first, last, count = (found[name].to_numpy(float) for name in ("min", "max", "count"))
    rates = _rates_of(truth["parameters"])
    return rates.p_churn(count - 1, last - first, now - first, float(later - now), covariates)


def _read_truth(folder: str) -> dict[str, Any] | None:
    """Return the ground truth of a feed's folder; None where there is none, or one of another simulation."""
    system, path = filesystem_for(f"{folder}/ground_truth.json")
    try:
        with system.open_input_stream(path) as stream:
            truth = json.loads(stream.read())
    except (FileNotFoundError, ValueError):
        return None
    parameters = truth.get("parameters") if isinstance(truth, dict) else None
    return truth if isinstance(parameters, dict) and parameters.keys() >= PARAMETERS else None


def _read_table(folder: str, name: str) -> pd.DataFrame:
    system, path = filesystem_for(f"{folder}/ground_truth/{name}.parquet")
    with system.open_input_file(path) as file:
        rows: pd.DataFrame = pq.read_table(file).to_pandas()
    return rows


def _shop_of(arguments: Mapping[str, Any]) -> Shop:
    starts_on = date.fromisoformat(arguments["starts_on"])
    return Shop(events=1, error_rate=0.0, starts_on=starts_on, **{name: arguments[name] for name in SHOP})


def _rates_of(parameters: Mapping[str, Any]) -> KnownRates:
    effects = [np.array(list(parameters[name].values())) for name in ("gamma", "delta")]
    return KnownRates(parameters["r"], parameters["alpha"], parameters["a"], parameters["b"], *effects)


def _summarize_orders(orders: pd.DataFrame, business: BusinessTime, until_ms: int) -> pd.DataFrame:
    """Return first and last order in business days and the number of orders before a moment, by customer."""
    known = orders[orders["customer_id"].notna()]
    at = known["ordered_at"].dt.tz_localize(None).to_numpy().astype("datetime64[ms]").astype(np.int64)
    past = known.assign(at=business.from_utc(at))[at < until_ms]
    summary: pd.DataFrame = past.groupby("customer_id")["at"].agg(["min", "max", "count"])
    return summary


def _midnight(day: date, zone: str) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp() * 1000)
