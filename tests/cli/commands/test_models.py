import json

import pytest
from sample_churn_lake import SampleChurnLake, settings_file

from shoplake import Lake


@pytest.fixture(scope="module")
def config(spark, tmp_path_factory):
    """The settings of a lake with one version of churn, which is the champion."""
    folder = tmp_path_factory.mktemp("models")
    SampleChurnLake(spark, folder, customers=400)
    path = settings_file(folder)
    Lake.open(path).train_churn(trees=6)
    Lake.open(path).promote_churn(1, force=True)
    return path


def test_the_versions_are_listed_and_the_champion_is_marked(shoplake, config):
    [row] = json.loads(shoplake("models", "list", "--config", config, "--json").stdout)

    assert (row["version"], row["is_champion"], row["name"]) == (1, True, "churn")
    assert "yes" in shoplake("models", "list", "--config", config).stdout


def test_a_model_card_has_figures_and_decisions(shoplake, config):
    text = shoplake("models", "show", 1, "--config", config).stdout

    assert "recency rule" in text
    assert "forced" in text
    assert "SHA-256" in text


def test_a_version_that_does_not_exist_is_one_line(shoplake, config):
    result = shoplake("models", "show", 7, "--config", config)

    assert result.exit_code == 1
    assert "has no version 7. Its versions: 1." in result.stderr


def test_a_version_is_not_promoted_over_itself(shoplake, config):
    assert "Version 1 is the champion already." in shoplake("models", "promote", 1, "--config", config).stdout


@pytest.mark.parametrize("words", [("models", "reproduce", 1), ("train", "churn", "--reproduce", 1)])
def test_a_version_is_reproduced_to_the_byte(shoplake, config, words):
    assert json.loads(shoplake(*words, "--config", config, "--json").stdout)["is_same"] is True


def test_customers_are_scored_and_the_query_of_the_scores_is_named(shoplake, config):
    text = shoplake("score", "churn", "--config", config).stdout

    assert "customers scored as of" in text
    assert "gold.churn_scores" in text


def test_without_the_extra_the_line_to_type_is_named(shoplake, config, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    result = shoplake("score", "churn", "--config", config)

    assert result.exit_code == 1
    assert result.stderr == "Error: A model of churn needs an extra. Install it: pip install 'shoplake[ml]'\n"


@pytest.mark.parametrize("option", [("--margin", 0), ("--contact-cost", -1), ("--save-rate", 1.5)])
def test_a_campaign_that_cannot_be_is_one_line(shoplake, config, option):
    result = shoplake("train", "churn", *option, "--config", config)

    assert result.exit_code == 2
    assert f"Invalid value for '{option[0]}'" in result.stderr


@pytest.mark.slow
def test_a_training_prints_its_figures_and_writes_a_report(shoplake, spark, tmp_path):
    SampleChurnLake(spark, tmp_path, customers=500)

    campaign = ("--margin", 80, "--contact-cost", 2, "--save-rate", 0.1)

    text = shoplake("train", "churn", *campaign, "--config", settings_file(tmp_path)).stdout

    assert "churn version 1" in text
    report = (tmp_path / "lake/models/churn/1/report.html").read_text()
    assert report.startswith("<!doctype html>")
    assert "With a margin of 80, a contact at 2 and 10 % of the leaving kept, contact whoever is above 0.25" in report
    assert (tmp_path / "lake/models/churn/1/model_card.md").is_file()


def test_a_mirror_without_an_address_says_where_to_write_it(shoplake, config):
    result = shoplake("models", "mirror", "--config", config)

    assert result.exit_code == 1
    assert 'Write mlflow = "URI" below [models], or add --to.' in " ".join(result.stderr.split())
