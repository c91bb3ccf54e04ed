import click
import pytest
from click.testing import CliRunner

from shoplake.cli.demo import demo as demo_module
from shoplake.cli.main import main
from shoplake.cli.template import write_settings
from shoplake.cli.views.generate import GROUND_TRUTH
from shoplake.errors import SettingsError
from shoplake.serve import server

from .conftest import run_demo


@pytest.mark.slow
@pytest.mark.parametrize(
    "answer",
    [
        "What are visitors looking at?",
        "What leads to a purchase?",
        "Who are our best customers?",
        "Does the money tie out?",
        "value tier",
        "organic_search",
        "with a purchase",
        "product → add_to_cart",
        "abandoned",
        "March 2026",
    ],
)
def test_the_demo_answers_the_four_questions(demo, answer):
    assert answer in demo[1]


@pytest.mark.slow
def test_its_money_ties_out(demo):
    assert "0.00 GBP is left unexplained" in demo[1]
    assert [line.split() for line in demo[1].splitlines() if line.startswith("unexplained")] == [
        ["unexplained", "0", "0.00"]
    ]


@pytest.mark.slow
def test_its_attribution_credits_the_same_revenue_by_each_model(demo):
    [total] = [line.split()[2:] for line in demo[1].splitlines() if line.startswith("all channels")]

    assert len(total) == 4 and len(set(total)) == 1


@pytest.mark.slow
def test_it_fits_80_columns_but_for_commands_and_paths(demo):
    shown, _, _ = demo[1].partition("\nNext\n")
    assert [line for line in shown.splitlines() if len(line) > 80 and GROUND_TRUTH not in line] == []


@pytest.mark.slow
def test_it_can_be_repeated_and_keeps_other_files(demo):
    folder, _ = demo
    (folder / "notes.txt").write_text("mine")
    assert run_demo(folder).exit_code == 0
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.slow
def test_it_stays_in_its_folder_despite_environment_variables(demo, precious):
    assert (demo[0] / "lake").is_dir() and not precious.exists()


def test_a_folder_that_is_not_a_demo_is_not_changed(tmp_path):
    (tmp_path / "shoplake.toml").write_text('lake = "lake"')
    (tmp_path / "lake").mkdir()
    result = run_demo(tmp_path)
    assert result.exit_code == 1
    assert "not a demo's" in result.stderr
    assert (tmp_path / "lake").is_dir()


def test_a_demo_that_is_rebuilt_deletes_the_store_of_the_earlier_one(tmp_path, monkeypatch):
    def stop(*arguments, **options):
        raise SettingsError("stopped")

    monkeypatch.setattr(demo_module, "generate_files", stop)
    (tmp_path / "shoplake.toml").write_text(demo_module.MARK)
    for name in ("store", "keys"):
        (tmp_path / ".shoplake" / name).mkdir(parents=True)
    run_demo(tmp_path)

    assert [path.name for path in (tmp_path / ".shoplake").iterdir()] == ["keys"]


def test_a_demo_is_served_when_asked_for(tmp_path, monkeypatch):
    served = []
    monkeypatch.setattr(demo_module, "run_demo", lambda *arguments: None)
    monkeypatch.setattr(server, "serve", lambda config, *arguments: served.append(config))
    monkeypatch.setattr(click, "launch", lambda page: None)
    write_settings(tmp_path / "shoplake.toml", "zenith", "landing", timezone="UTC", currency="GBP")
    result = CliRunner().invoke(main, ["demo", "--folder", str(tmp_path), "--serve"])

    assert (result.exit_code, served) == (0, [tmp_path / "shoplake.toml"]), result.output
