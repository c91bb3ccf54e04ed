from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.conftest import ground_truth_of
from shoplake.cli.main import main
from shoplake.cli.views.generate import GROUND_TRUTH


def run_demo(folder: Path, columns: int = 80):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["demo", "--folder", str(folder), "--events", "5000"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demos") / "demo"
    result = run_demo(folder)
    assert result.exit_code == 0, result.output
    return folder, result.stdout


@pytest.mark.parametrize(
    "answer",
    [
        "What are visitors looking at?",
        "What leads to a purchase?",
        "Who are our best customers?",
        "value tier",
        "organic",
        "with a purchase",
    ],
)
def test_the_demo_answers_the_three_questions(demo, answer):
    assert answer in demo[1]


def test_its_funnel_is_that_of_the_ground_truth(demo):
    folder, output = demo
    ground_truth = ground_truth_of(folder / "landing")
    lines = [line.split() for line in output.splitlines()]
    for step, visitors in ground_truth["funnel_visitors"].items():
        assert [line for line in lines if line[:1] == [step] and f"{visitors:,}" in line]


def test_it_fits_80_columns_but_for_commands_and_paths(demo):
    shown, _, _ = demo[1].partition("\nNext\n")
    assert [line for line in shown.splitlines() if len(line) > 80 and GROUND_TRUTH not in line] == []


def test_it_can_be_repeated_and_keeps_other_files(demo):
    folder, _ = demo
    (folder / "notes.txt").write_text("mine")
    assert run_demo(folder).exit_code == 0
    assert (folder / "notes.txt").read_text() == "mine"


def test_it_stays_in_its_folder_despite_environment_variables(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPLAKE_LAKE", str(tmp_path / "precious"))
    assert run_demo(tmp_path / "demo").exit_code == 0
    assert not (tmp_path / "precious").exists()


def test_a_folder_that_is_not_a_demo_is_not_changed(tmp_path):
    (tmp_path / "shoplake.toml").write_text('lake = "lake"')
    (tmp_path / "lake").mkdir()
    result = run_demo(tmp_path)
    assert result.exit_code == 1
    assert "not a demo's" in result.stderr
    assert (tmp_path / "lake").is_dir()
