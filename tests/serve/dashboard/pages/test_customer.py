import csv
import re

from tests.serve.answers.small_gold import gold_tables
from tests.serve.answers.small_models import AS_OF, scores
from tests.serve.answers.small_shop import MemoryGeneration


def test_the_page_of_a_customer_has_orders_and_personal_data(admin, shop):
    html = admin.get("/customers/C3").text

    assert "C3@mail.example" in html
    assert all(line["order_id"] in html for line in shop.customers["C3"])


def test_looking_at_a_customer_is_recorded(admin, keys):
    admin.app.state.gate.audit.flush()
    before = keys.database.execute("SELECT count(*) FROM audit")[0][0]
    admin.get("/customers/C3")
    admin.app.state.gate.audit.flush()

    assert keys.database.execute("SELECT count(*) FROM audit")[0][0] == before + 1


def test_an_unknown_customer_is_named(admin):
    response = admin.get("/customers/C999")

    assert response.status_code == 404 and "Unknown customer &#39;C999&#39;" in response.text


def test_the_churn_of_a_customer_is_explained(admin, shop):
    [score] = [row for row in scores(shop) if (row["customer_id"], row["as_of_date"]) == ("C3", AS_OF[-1])]

    html = admin.get("/customers/C3").text

    assert f"{score['churn_probability']:.1%}".replace("%", " %") + " as of 1 May 2026 by version 1" in html
    assert "days_since_last_order is 3" in html


def test_the_timeline_has_orders_and_visits_and_its_csv(admin):
    html = admin.get("/customers/C3").text
    [href] = re.findall(r'href="([^"]*)" aria-label="CSV of Timeline"', html)

    rows = list(csv.DictReader(admin.get(href.replace("&amp;", "&")).text.splitlines()))

    assert {row["kind"] for row in rows} == {"order", "visit"}


def test_a_table_says_that_the_customer_has_more(browse, shop):
    rows = dict(gold_tables(shop))
    lines = rows["gold.order_values"]
    one = next(row for row in lines if row["customer_id"] == "C3")
    page = "The latest 20; the CSV has more."

    assert page not in browse(MemoryGeneration(rows)).get("/customers/C3").text
    rows["gold.order_values"] = [*lines, *(one | {"order_id": f"more-{number}"} for number in range(20))]
    assert page in browse(MemoryGeneration(rows)).get("/customers/C3").text


def test_the_churn_probability_is_that_of_the_last_score(browse, shop):
    rows = gold_tables(shop)
    for row in rows["gold.customer_360"]:
        row["churn_probability"] = 0.999

    html = browse(MemoryGeneration(rows)).get("/customers/C3").text

    [score] = [row for row in scores(shop) if (row["customer_id"], row["as_of_date"]) == ("C3", AS_OF[-1])]
    shown = re.search(r"<dt>Churn probability</dt><dd>(.*?) %</dd>", html)[1]
    assert shown == f"{100 * score['churn_probability']:.1f}"


def test_a_customer_without_a_score_is_told_how_to_get_one(browse, shop):
    rows = {name: values for name, values in gold_tables(shop).items() if name != "gold.churn_scores"}
    generation = MemoryGeneration(rows)
    del generation.versions["gold.churn_scores"]

    assert "Not scored: shoplake score churn" in browse(generation).get("/customers/C3").text
