import json
import re

import pytest

from tests.serve.answers.small_models import decisions, figures, scores, versions
from tests.serve.answers.small_shop import MemoryGeneration, SmallShop

ORDER = {"feed": "shop", "sales_date": SmallShop().days[-1], "currency": "GBP", "orders": 1}
TITLES = ("Calibration: churned by predicted, %", "Champion and peers", "Mean churn probability by as-of day, %")


@pytest.fixture(scope="module")
def html(admin):
    return admin.get("/models").text


def text_of(html):
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", html))


def test_the_champion_is_shown_beside_the_rule(html):
    text = text_of(html)

    assert "0.810 +0.030 against the recency rule (0.780)" in text
    assert "0.030 (0.012 to 0.045)" in text
    assert "Promoted: better than the rule" in text


def test_the_best_possible_is_shown_where_it_is_known(browse, html):
    one, two = versions()
    metrics = json.loads(one["metrics"])
    metrics["metrics"]["best possible"] = figures(0.83)
    metrics["differences"]["best possible"] = {"value": -0.02, "low": -0.03, "high": -0.01}
    known = {"ops.models": [one | {"metrics": json.dumps(metrics)}, two], "ops.model_aliases": decisions()}

    text = text_of(browse(MemoryGeneration({"gold.sales_daily": [ORDER]} | known)).get("/models").text)

    assert "Best possible AUC 0.830" in text and "−0.020 (−0.030 to −0.010)" in text
    assert "no model can be above it" in text
    assert "Best possible AUC unknown" in text_of(html) and "is unknown: only a simulated shop" in text_of(html)


def test_every_block_of_the_page_has_a_csv(admin, html):
    links = re.findall(r'href="([^"]*format=csv[^"]*)"', html)

    assert len(links) == 6
    assert all(len(admin.get(link.replace("&amp;", "&")).text.splitlines()) > 1 for link in links)


def test_calibration_and_drift_are_charts_with_tables(html):
    assert html.count('class="chart on-wide"') == 2
    assert all(title in html for title in TITLES)
    assert "15.0 %" in html and "45.0 %" in html


def test_an_analyst_sees_the_models(browse, generation):
    assert browse(generation, "analyst").get("/models").status_code == 200


def test_without_a_model_the_command_is_named(browse):
    client = browse(MemoryGeneration({"gold.sales_daily": [ORDER]}))

    assert "Train one: shoplake train churn" in client.get("/models").text


def test_without_a_champion_the_versions_are_listed(browse):
    refused = [each | {"status": "refused"} for each in decisions()]
    rows = {"gold.sales_daily": [ORDER], "ops.models": versions(), "ops.model_aliases": refused}

    text = text_of(browse(MemoryGeneration(rows)).get("/models").text)

    assert "No version is the champion" in text and "worse than version 1" in text
    assert "Champion and peers" not in text


def test_without_scores_the_command_is_named(browse):
    rows = {"gold.sales_daily": [ORDER], "ops.models": versions(), "ops.model_aliases": decisions()}

    assert "Score them: shoplake score churn" in browse(MemoryGeneration(rows)).get("/models").text


def test_one_scored_day_is_a_table_alone(browse, shop):
    first = [row for row in scores(shop) if row["as_of_date"].month == 4]
    models = {"ops.models": versions(), "ops.model_aliases": decisions()}
    client = browse(MemoryGeneration({"gold.sales_daily": [ORDER], "gold.churn_scores": first} | models))

    html = client.get("/models").text

    assert html.count('class="chart on-wide"') == 1 and "Stability index" in html


def test_a_best_possible_without_visits_is_said_to_be_no_bound(browse):
    one, two = versions()
    metrics = json.loads(one["metrics"])
    metrics["differences"]["best possible"] = {"value": 0.02, "low": 0.01, "high": 0.03}
    metrics["single_features"] = {"days_since_last_visit": 0.7}
    rows = {"ops.models": [one | {"metrics": json.dumps(metrics)}, two], "ops.model_aliases": decisions()}

    text = text_of(browse(MemoryGeneration({"gold.sales_daily": [ORDER]} | rows)).get("/models").text)

    assert "is by orders alone; this model knows visits too" in text and "no model can be above it" not in text
