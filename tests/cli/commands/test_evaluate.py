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


HEADER = "timestamp,visitorid,event,itemid,transactionid\n"
TEST_WEEK_MS = 1_442_545_200_000 - 7 * 86_400_000


def write_events(folder, sessions):
    """A file in the public shape: sessions of views with a cart and a transaction at their end, the last ones first."""
    lines = []
    for visitor, (start, items) in enumerate(sessions):
        views = [f"{start + place},{visitor},view,{item}," for place, item in enumerate(items)]
        end = start + len(items)
        lines += [*views, f"{end},{visitor},addtocart,{items[-1]},", f"{end + 1},{visitor},transaction,{items[-1]},7"]
    (folder / "events.csv").write_text(HEADER + "\n".join(reversed(lines)) + "\n")


def test_next_views_of_retailrocket_are_asked_in_its_last_week_and_need_no_lake(shoplake, tmp_path):
    """11 is always followed by 12, 21 by 22; of three questions in the last week that after 22 has no answer."""
    known = [(1_440_000_000_000, [11, 12])] * 6 + [(1_440_000_000_000, [21, 22])] * 6
    write_events(tmp_path, [*known, (TEST_WEEK_MS, [11, 12]), (TEST_WEEK_MS + 5, [21, 22, 11])])

    figures = json.loads(ask(shoplake, "--retailrocket", tmp_path, "--json").stdout)

    assert (figures["sessions"], figures["questions"]) == (2, 3)
    assert figures["recalls"]["20"] == figures["recalls"]["1"] == pytest.approx(2 / 3)
    assert figures["reciprocal_rank"] == pytest.approx(2 / 3)


def test_the_figures_of_retailrocket_stand_beside_the_published_ones(shoplake, tmp_path):
    write_events(tmp_path, [(1_440_000_000_000, [11, 12])] * 6 + [(TEST_WEEK_MS, [11, 12])])

    text = ask(shoplake, "--retailrocket", tmp_path / "events.csv").stdout

    assert "1 next views in 1 sessions" in text
    assert "GRU4Rec (published) 0.1253" in " ".join(text.split())


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "There is no events.csv in"), ("a,b\n1,2\n", "which have timestamp, visitorid, event, itemid")],
)
def test_what_is_no_file_of_retailrocket_is_wrong_usage(shoplake, tmp_path, content, problem):
    if content is not None:
        (tmp_path / "events.csv").write_text(content)

    result = ask(shoplake, "--retailrocket", tmp_path)

    assert result.exit_code == 2
    assert problem in " ".join(result.output.replace("│", " ").split())


def test_evaluate_lists_what_it_can_measure():
    assert set(evaluate.commands) == {"recommendations"}
