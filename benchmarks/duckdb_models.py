"""What the DuckDB job does in Python, because SQL has no optimizer: models fitted, series judged day by day.

Each function reads tables of the connection and creates one. It is written after the same papers as shoplake's models
and shares no code with them: scipy fits and sums the series here.
"""

from __future__ import annotations

from math import isnan, sqrt
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb
    from numpy.typing import NDArray

PARAMETERS = ("r", "alpha", "a", "b", "p", "q", "v")
MIN_CUSTOMERS = 10


def fit_models(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `fitted_models`: the parameters of MBG/NBD and Gamma-Gamma, null with too few customers."""
    rows = connection.sql("SELECT repeats, last, observed, mean_value::DOUBLE AS value FROM order_histories").df()
    found: dict[str, float | None] = dict.fromkeys((*PARAMETERS, "log_likelihood"))
    repeaters, positive = int((rows["repeats"] > 0).sum()), rows[rows["value"] > 0]
    if repeaters >= MIN_CUSTOMERS:
        x, last, observed = (rows[name].to_numpy(float) for name in ("repeats", "last", "observed"))
        unit = max(float(observed.mean()), 1e-9)
        scaled = (x, last / unit, observed / unit)
        logs = _minimize(lambda logs: -_log_likelihood(np.exp(logs), *scaled), np.zeros(4))
        r, alpha, a, b = np.exp(logs)
        found |= {"r": r, "alpha": alpha * unit, "a": a, "b": b}
        found["log_likelihood"] = _log_likelihood(np.array([r, alpha * unit, a, b]), x, last, observed)
    if repeaters >= MIN_CUSTOMERS and len(positive) >= MIN_CUSTOMERS:
        counts, means = positive["repeats"].to_numpy(float) + 1, positive["value"].to_numpy(float)
        unit = float(means.mean())
        logs = _minimize(lambda logs: -_gamma_gamma(np.exp(logs), counts, means / unit), np.log([1.0, 2.0, 1.0]))
        p, q, v = np.exp(logs)
        found |= {"p": p, "q": q, "v": v * unit}
    cells = ", ".join(f"CAST(? AS DOUBLE) AS {name}" for name in found)
    values = [None if value is None else float(value) for value in found.values()]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE fitted_models AS SELECT {cells}", values)


def _minimize(function: Callable[[NDArray[Any]], float], start: NDArray[Any]) -> NDArray[Any]:
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    best = minimize(function, start, method="L-BFGS-B", bounds=[(-14, 14)] * len(start), options={"maxiter": 2000})
    best = minimize(function, best.x, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 20_000})
    return np.asarray(best.x)


def _log_likelihood(parameters: NDArray[Any], x: NDArray[Any], last: NDArray[Any], observed: NDArray[Any]) -> float:
    """Batislam, Denizel and Filiztekin (2007): a customer may leave after each order, the first too."""
    from scipy.special import betaln, gammaln  # type: ignore[import-untyped]

    r, alpha, a, b = parameters
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    active = betaln(a, b + x + 1) - (r + x) * np.log(alpha + observed)
    left = betaln(a + 1, b + x) - (r + x) * np.log(alpha + last)
    return float(np.sum(common + np.logaddexp(active, left)))


def _gamma_gamma(parameters: NDArray[Any], counts: NDArray[Any], means: NDArray[Any]) -> float:
    """Fader and Hardie (2013), equation 1a."""
    from scipy.special import betaln

    p, q, v = parameters
    shape = p * counts
    each = -betaln(shape, q) + q * np.log(v) + (shape - 1) * np.log(means) + shape * np.log(counts)
    return float(np.sum(each - (shape + q) * np.log(v + counts * means)))


def score_customers(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `scored_customers` from `order_histories` and the parameters in `customer_value_models`."""
    from scipy.special import hyp2f1

    rows = connection.sql(
        "SELECT customer_id, repeats, last, observed, mean_value::DOUBLE AS value FROM order_histories"
    ).df()
    models = connection.sql(f"SELECT {', '.join(PARAMETERS)} FROM customer_value_models").df().astype(float)
    r, alpha, a, b, p, q, v = models.iloc[0] if len(models) else [np.nan] * len(PARAMETERS)
    x, last, observed = (rows[name].to_numpy(float) for name in ("repeats", "last", "observed"))
    until = alpha + observed
    p_alive = 1 / (1 + a / (b + x) * (until / (alpha + last)) ** (r + x))

    def expected(days: float) -> NDArray[Any]:
        """Fader, Hardie and Lee (2005), equation 9, after Euler's transformation, which converges for large b too."""
        total, z, below = a + b + x, days / (until + days), a - 1 if abs(a - 1) > 1e-6 else 1e-6
        grown = (1 - z) ** below * hyp2f1(total - r - x, below, total, z)
        return np.asarray(p_alive * total / below * (1 - grown))

    values, orders = rows["value"].to_numpy(float), x + 1
    scores = {
        "p_alive": p_alive,
        "p_order_90d": p_alive * (1 - (until / (until + 90)) ** (r + x)),
        "expected_orders_90d": expected(90),
        "expected_orders_365d": expected(365),
        "value_per_order": np.where(values > 0, p * (v + orders * values) / (p * orders + q - 1), np.nan),
    }
    rounded = {name: np.round(each, 6) for name, each in scores.items()}
    frame = pd.DataFrame({"customer_id": rows["customer_id"], **rounded})
    names = ", ".join(f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}" for name in scores)
    connection.register("score_frame", frame)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE scored_customers AS SELECT customer_id, {names} FROM score_frame")
    connection.unregister("score_frame")


def fit_removal_effects(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `removal_effects`: the share of each month's conversions that is lost without a channel."""
    moves = connection.sql("SELECT fit_month, come_from, go_to, count FROM transitions").fetchall()
    rows = []
    for month in sorted({row[0] for row in moves}):
        counts = {(row[1], row[2]): row[3] for row in moves if row[0] == month}
        channels = sorted({state for pair in counts for state in pair} - {"(start)", "(conversion)", "(null)"})
        whole = _conversion_share(counts, channels, None)
        for channel in channels:
            effect = 1 - _conversion_share(counts, channels, channel) / whole if whole > 0 else 0.0
            rows.append((month, channel, min(1.0, max(0.0, effect))))
    connection.execute("CREATE OR REPLACE TEMP TABLE removal_effects (fit_month DATE, channel VARCHAR, effect DOUBLE)")
    if rows:
        connection.executemany("INSERT INTO removal_effects VALUES (?, ?, ?)", rows)


def _conversion_share(counts: dict[tuple[str, str], int], channels: list[str], removed: str | None) -> float:
    """Return the chance that a path from the start ends with an order: absorption of a Markov chain."""
    states = ["(start)", *channels]
    system, result = np.eye(len(states)), np.zeros(len(states))
    for row, state in enumerate(states):
        leaving = sum(count for (come_from, _), count in counts.items() if come_from == state)
        if not leaving or state == removed:
            continue
        for column, other in enumerate(states):
            system[row, column] -= counts.get((state, other), 0) / leaving
        result[row] = counts.get((state, "(conversion)"), 0) / leaving
    return float(np.linalg.lstsq(system, result, rcond=None)[0][0])


def find_anomalies(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `found_anomalies` from `daily_measures`: the days that differ from the eight weeks before."""
    frame = connection.sql(
        "SELECT *, value::DOUBLE AS number, (measure_date - min(measure_date) OVER ())::INTEGER AS day, "
        "(max(measure_date) OVER () - min(measure_date) OVER ())::INTEGER AS days, "
        "min(measure_date) OVER () AS first_date FROM daily_measures"
    ).df()
    rows = []
    for (measure, currency), group in frame.groupby(["measure", "currency"], dropna=False):
        days = int(group["days"].iloc[0])
        judged = {}
        for segment, series in group[group["day"] < days].groupby("segment"):
            values, counts = np.zeros(days), np.zeros(days)
            values[series["day"]], counts[series["day"]] = series["number"], series["observations"]
            judged[segment] = _judge(values, counts)
        first = group["first_date"].iloc[0]
        for segment, (expected, sigma, values, flags) in judged.items():
            for day in np.flatnonzero(flags):
                score = (values[day] - expected[day]) / sigma[day]
                kind = "spike" if score > 0 else "outage" if values[day] == 0 else "drop"
                because = _carrier(judged, int(day)) if segment == "(all)" else None
                low, high = max(0.0, expected[day] - 4.5 * sigma[day]), expected[day] + 4.5 * sigma[day]
                cells = (values[day], expected[day], low, high, score)
                at = (first + pd.Timedelta(days=int(day))).date()
                rows.append((at, measure, currency if isinstance(currency, str) else None, segment, *map(float, cells)))
                rows[-1] = (*rows[-1], kind, because)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE found_anomalies (anomaly_date DATE, measure VARCHAR, currency VARCHAR, "
        "segment VARCHAR, actual DOUBLE, expected DOUBLE, low DOUBLE, high DOUBLE, score DOUBLE, kind VARCHAR, "
        "explained_by VARCHAR)"
    )
    if rows:
        connection.executemany(f"INSERT INTO found_anomalies VALUES ({', '.join('?' * 11)})", rows)


def _judge(values: NDArray[Any], counts: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return expected value and sigma of each day (NaN where it is not judged), the values, and the unusual days."""
    days = len(values)
    expected, sigma = np.full(days, np.nan), np.full(days, np.nan)
    unusual, is_left_out = np.zeros(days, bool), np.zeros(days, bool)
    for day in range(28, days):
        past = [each for each in range(max(0, day - 56), day) if not is_left_out[each]]
        guess = _guess(values, counts, expected, past, day)
        if guess is None:
            continue
        expected[day], sigma[day] = guess
        now, before = ((values[each] - expected[each]) / sigma[each] for each in (day, day - 1))
        is_pair = abs(before) > 3 and abs(now) > 3 and before * now > 0
        unusual[day] = is_left_out[day] = abs(now) > 4.5 or is_pair
        if is_pair:
            unusual[day - 1] = is_left_out[day - 1] = True
        run = day
        while run >= 0 and unusual[run] and (values[run] - expected[run]) * now > 0:
            run -= 1
        if day - run >= 14:
            is_left_out[run + 1 : day + 1] = False
    return expected, sigma, values, unusual


def _guess(
    values: NDArray[Any], counts: NDArray[Any], expected: NDArray[Any], past: list[int], day: int
) -> tuple[float, float] | None:
    """Return what `past` makes expect of the day, and its sigma; None with too little history or too few orders."""
    weekdays: dict[int, list[int]] = {}
    for each in past:
        weekdays.setdefault((day - each) % 7, []).append(each)
    if len(past) < 14 or 0 not in weekdays:
        return None
    numbers = dict(zip(past, values[past].tolist(), strict=True))
    bases = {weekday: median([numbers[each] for each in own]) for weekday, own in weekdays.items()}
    base = {each: bases[(day - each) % 7] for each in past}
    ratios = [numbers[each] / base[each] for each in past if each >= day - 14 and base[each] > 0]
    level = median(ratios) if ratios else 1.0
    count = level * median([counts[each] for each in weekdays[0]])
    if count < 10:
        return None
    value = bases[0] * level
    errors = [abs(numbers[each] - (base[each] if isnan(expected[each]) else expected[each])) for each in past]
    floor = sum(numbers.values()) / len(past) / 100 or 1.0
    return value, max(1.4826 * median(errors), value / sqrt(count), floor)


def _carrier(judged: dict[str, tuple[NDArray[Any], ...]], day: int) -> str:
    """Return the segment that carries half of the difference of the total and more than its share of the total."""
    whole_expected, _, whole_values, _ = judged["(all)"]
    difference = whole_values[day] - whole_expected[day]
    best = ("(overall)", 0.5)
    for segment in sorted(judged):
        expected, _, values, _ = judged[segment]
        if segment == "(all)" or np.isnan(expected[day]):
            continue
        share = (values[day] - expected[day]) / difference
        is_surprising = share - expected[day] / max(whole_expected[day], 1e-9) >= 0.2
        if is_surprising and (share > best[1] or (share == best[1] and best[0] == "(overall)")):
            best = (segment, share)
    return best[0]


STEPS = {each.__name__: each for each in (fit_models, score_customers, fit_removal_effects, find_anomalies)}
"""The functions that a script names with `-- python:`."""
