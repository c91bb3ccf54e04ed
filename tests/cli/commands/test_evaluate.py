import json

import pytest

from shoplake.cli.commands.evaluate import evaluate


def ask(shoplake, *words):
    return shoplake("evaluate", "recommendations", *words)


@pytest.fixture(scope="module")
def data(shoplake, lake):
    """The figures of a small shop of five days, of which the last two are asked for."""
    days = json.loads(
        shoplake(
            "sql", "SELECT max(order_date) AS d FROM silver.order_lines", "--format", "json", "--config", lake
        ).stdout
    )
    split = days[0]["d"][:10]
    result = ask(shoplake, "--split", split, "--config", lake, "--json")
    assert result.exit_code == 0, result.output
    return split, json.loads(result.stdout)


def test_both_tasks_have_figures_of_all_methods(data):
    split, figures = data

    assert figures["split"] == split
    assert [task["task"] for task in figures["tasks"]] == ["new products", "missing product"]
    assert figures["tasks"][0]["all_products"].keys() >= {"local ridge", "popular 30 d", "cosine", "LLR"}


def test_a_day_without_orders_before_it_is_wrong_usage(shoplake, lake):
    result = ask(shoplake, "--split", "2001-01-01", "--config", lake)

    assert result.exit_code == 2
    assert "no orders on both sides of 2001-01-01" in result.output


def test_an_unknown_feed_is_wrong_usage_that_names_those_with_orders(shoplake, lake):
    result = ask(shoplake, "--feed", "sop", "--config", lake)

    assert result.exit_code == 2
    assert "Feed 'sop' has no orders. Those that have: " in result.output


def test_views_of_retailrocket_need_no_lake(shoplake, tmp_path):
    events = [f"{at},{visitor},view,{at},\n" for visitor in range(5) for at in (1, 2)]
    (tmp_path / "events.csv").write_text("timestamp,visitorid,event,itemid,transactionid\n" + "".join(events))

    result = ask(shoplake, "--retailrocket", tmp_path, "--json")

    assert json.loads(result.stdout)["questions"] == 0


def test_evaluate_lists_what_it_can_measure():
    assert set(evaluate.commands) == {"recommendations"}
