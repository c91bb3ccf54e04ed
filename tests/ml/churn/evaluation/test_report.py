from html.parser import HTMLParser

import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.evaluation.decision import Campaign
from shoplake.ml.churn.evaluation.report import render_model_card, render_report
from shoplake.ml.churn.training import train_churn


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def row():
    trained = train_churn(churn_rows(), seed=1, trees=8, rounds=10)
    params = {"days": {"2026-01-01": "test"}, "calibration": trained.model.calibration.to_dict()}
    return {
        "name": "churn",
        "version": 3,
        "seed": 1,
        "sha256": "abc",
        "features": list(churn_rows().names),
        "params": params,
        "metrics": trained.evaluation.to_dict(),
    }


def sorted_names(row):
    """The models of a version, the greatest AUC first."""
    metrics = row["metrics"]["metrics"]
    return sorted(metrics, key=lambda name: -metrics[name]["roc_auc"])


def with_best(row):
    """The row of a version whose best possible scores are known."""
    roc = row["metrics"]["curves"]["roc"] | {"best possible": [[0, 0], [0.2, 0.9], [1, 1]]}
    return row | {"metrics": row["metrics"] | {"curves": row["metrics"]["curves"] | {"roc": roc}}}


def test_the_report_has_its_charts_and_loads_nothing(row):
    tags = Tags(render_report(with_best(row))).found

    assert [tag for tag, _ in tags].count("svg") == 4
    assert {"script", "link", "img"}.isdisjoint({tag for tag, _ in tags})
    assert not any("src" in attrs or "href" in attrs for _, attrs in tags)


def test_the_report_names_the_best_model_first_and_fits_a_phone(row):
    html = render_report(row)
    order = [html.index(f"<tr><td>{name}</td>") for name in sorted_names(row)]

    assert order == sorted(order)
    assert html.count('<div class="table">') == html.count("<table>") == 3
    assert '<meta name="viewport" content="width=device-width">' in html


def test_a_number_and_its_sign_stay_on_one_line(row):
    assert "(95&nbsp;% interval" in render_report(row)
    assert "(95 % interval" in render_model_card(row)


def test_the_ceiling_is_drawn_where_it_is_known(row):
    unknown = render_report(row)

    assert "The best possible AUC is unknown" in unknown and "best possible<" not in unknown
    assert "best possible<" in render_report(with_best(row))


def test_the_recommendation_follows_the_campaign(row):
    assert "above 0.50" in render_report(row, Campaign(margin=40, contact_cost=1, save_rate=0.05))
    assert "above 0.10" in render_report(row, Campaign(margin=100, contact_cost=1, save_rate=0.1))


def test_the_model_card_has_the_figures_and_what_the_model_is_not_for(row):
    card = render_model_card(row)

    assert card.startswith("# churn version 3\n")
    assert "| forest |" in card
    assert "Not for: guests" in card
