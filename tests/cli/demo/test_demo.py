import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main


def play(folder: Path, columns: int = 80):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, ["demo", "--folder", str(folder), "--events", "5000"])


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demos") / "demo"
    result = play(folder)
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
        "visits that buy",
    ],
)
def test_the_demo_answers_the_three_questions(played, answer):
    assert answer in played[1]


def test_its_funnel_is_that_of_the_truth(played):
    folder, said = played
    truth = json.loads((folder / "landing" / "ground_truth.json").read_text())
    lines = [line.split() for line in said.splitlines()]
    for step, visitors in truth["funnel_visitors"].items():
        assert [line for line in lines if line[:1] == [step] and f"{visitors:,}" in line]


def test_it_fits_80_columns_but_for_what_is_to_be_copied(played):
    shown, _, _ = played[1].partition("\nNext\n")
    assert [line for line in shown.splitlines() if len(line) > 80 and "ground_truth.json" not in line] == []


def test_it_can_be_played_again_and_leaves_other_files_there(played):
    folder, _ = played
    (folder / "notes.txt").write_text("mine")
    assert play(folder).exit_code == 0
    assert (folder / "notes.txt").read_text() == "mine"


def test_it_stays_in_its_folder_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPLAKE_LAKE", str(tmp_path / "precious"))
    assert play(tmp_path / "demo").exit_code == 0
    assert not (tmp_path / "precious").exists()


def test_a_folder_that_is_no_demo_stays_as_it_is(tmp_path):
    (tmp_path / "shoplake.toml").write_text('lake = "lake"')
    (tmp_path / "lake").mkdir()
    result = play(tmp_path)
    assert result.exit_code == 1
    assert "not a demo's" in result.stderr
    assert (tmp_path / "lake").is_dir()
