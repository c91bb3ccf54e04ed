import json
import re
from pathlib import Path

import pytest

from shoplake.cli.commands.project import GUIDE, kind_words
from shoplake.simulate.realistic import DEFAULT_FEATURES

ROOT = Path(__file__).parents[3]


def test_another_kind_of_shop_is_generated(shoplake, tmp_path):
    words = ["--kind", "retailrocket", "--landing", tmp_path, "--events", 50, "--properties", 300, "--days", 20]
    output = json.loads(shoplake("generate", *words, "--json").stdout)

    assert output["files"] == {"events": 1, "item_properties": 2, "category_tree": 1}
    assert output["records"]["item_properties"] == 300


def test_a_shopify_shop_is_as_large_as_its_orders(shoplake, tmp_path):
    words = ["--kind", "shopify", "--landing", tmp_path, "--orders", 30, "--days", 3, "--products", 5, "--customers", 4]
    output = json.loads(shoplake("generate", *words, "--json").stdout)
    exported = json.loads(
        shoplake("generate", *words[:3], tmp_path / "export", *words[4:], "--export", "--json").stdout
    )

    assert output["files"].keys() == {"orders", "transactions", "refunds", "products", "customers"}
    assert output["records_per_second"] > 0
    assert exported["files"]["orders_export"] == 1


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--kind", "retailrocket", "--products", 5], "--products is for --kind zenith and shopify, not retailrocket."),
        (["--kind", "shopify", "--events", 5], "--events is for --kind zenith and retailrocket, not shopify."),
        (["--properties", 5], "--properties is for --kind retailrocket, not zenith."),
    ],
)
def test_an_option_of_another_kind_is_wrong_usage(shoplake, tmp_path, words, error):
    result = shoplake("generate", "--landing", tmp_path, *words)

    assert (result.exit_code, error in result.stderr) == (2, True)


def test_the_default_kind_is_not_written_on_the_command_line():
    assert (kind_words("zenith"), kind_words("retailrocket")) == ([], ["--kind", "retailrocket"])


def test_init_suggests_generate_only_where_there_are_no_files(shoplake, tmp_path):
    new = shoplake("init", "--path", tmp_path / "new", "--config", tmp_path / "one.toml").stdout
    existing = shoplake("init", "--path", tmp_path, "--config", tmp_path / "two.toml").stdout

    assert "shoplake generate " in new and "shoplake generate " not in existing


def test_next_steps_with_a_space_in_a_folder_can_be_typed(shoplake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    begun = shoplake("init", "my shop").stdout
    generated = shoplake("generate", "--landing", "my files", "--events", 20, "--days", 1).stdout

    assert "generate --landing 'my shop/landing'" in begun and "--path 'my files'" in generated


def test_verify_source_lists_each_file_and_fails_unless_all_are_published(shoplake, tmp_path):
    (tmp_path / "category_tree.csv").write_text("categoryid,parentid\n" + "1,\n" * 1_669)

    result = shoplake("verify-source", "retailrocket", tmp_path, "--json")

    assert result.exit_code == 1
    states = {each["file"]: each["state"] for each in json.loads(result.stdout)}
    assert states == {
        "events.csv": "missing",
        "item_properties_part1.csv": "missing",
        "item_properties_part2.csv": "missing",
        "category_tree.csv": "as many records",
    }


def test_verify_source_of_a_kind_without_published_files_is_an_error(shoplake, tmp_path):
    result = shoplake("verify-source", "zenith", tmp_path)

    assert (result.exit_code, result.stderr) == (
        1,
        "Error: No files of 'zenith' are published. There are: retailrocket.\n",
    )


def test_orders_alone_start_a_shop_without_features(shoplake, tmp_path):
    words = ["--landing", tmp_path, "--orders", 40, "--customers", 20, "--days", 5, "--json"]
    output = json.loads(shoplake("generate", *words).stdout)

    truth = json.loads((tmp_path / "ground_truth.json").read_text())
    assert output["records"] == truth["lines"]
    assert (truth["arguments"]["features"], truth["arguments"]["orders"]) == ([], 40)


def test_features_of_the_realistic_shop_are_chosen_by_name(shoplake, tmp_path):
    words = ["--landing", tmp_path, "--orders", 40, "--customers", 20, "--days", 5]
    shoplake("generate", *words, "--with", "identity, currencies")

    truth = json.loads((tmp_path / "ground_truth.json").read_text())
    assert truth["arguments"]["features"] == ["currencies", "identity"]


def test_the_realistic_shop_has_all_features(shoplake, tmp_path):
    shoplake("generate", "--landing", tmp_path, "--shop", "realistic", "--orders", 40, "--customers", 20, "--days", 5)

    truth = json.loads((tmp_path / "ground_truth.json").read_text())
    assert truth["arguments"]["features"] == sorted(DEFAULT_FEATURES)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--with", "identty"], "Unknown feature 'identty'. Did you mean 'identity'?"),
        (["--orders", 500, "--customers", 20], "orders must be at most 200 with 20 customers, not 500."),
        (["--orders", 9, "--days", 93, "--error-rate", 0.1], "error_rate needs daily files: at most 92 days, not 93."),
        (["--kind", "retailrocket", "--with", "identity"], "--with is for --kind zenith, not retailrocket."),
        (["--kind", "retailrocket", "--orders", 5], "--orders is for --kind zenith and shopify, not retailrocket."),
    ],
)
def test_options_that_do_not_fit_the_shop_are_wrong_usage(shoplake, tmp_path, words, error):
    result = shoplake("generate", "--landing", tmp_path, *words)

    assert (result.exit_code, error in " ".join(result.stderr.split())) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_init_says_where_files_of_no_kind_are_described(shoplake, tmp_path):
    (tmp_path / "till.csv").write_text("bon;pieces\n1;2\n")

    output = shoplake("init", "--path", tmp_path, "--config", tmp_path / "shoplake.toml").stdout

    assert "zenith reads 0 of 1 file there." in output
    assert 'Stream("till.csv", "csv", into="orders_raw", delimiter=";", fields=("bon", "pieces"))' in output
    [page] = re.findall(r"https://github.com/shoplake/shoplake/blob/main/(\S+)", output)
    assert (GUIDE.endswith(page), (ROOT / page).is_file()) == (True, True)


def test_init_of_a_folder_with_files_says_that_they_must_be_moved(shoplake, tmp_path):
    (tmp_path / "events.csv").write_text("timestamp,visitorid,event,itemid,transactionid\n")

    output = shoplake("init", tmp_path).stdout

    assert 'kind = "retailrocket"' in (tmp_path / "shoplake.toml").read_text()
    assert f"# Move the files of the shop in {tmp_path} into {tmp_path / 'landing'}." in " ".join(output.split())
    assert "shoplake generate" not in output
