import json

from rich.console import Console

from shoplake.cli.views.maintain.verify import SourceCheckView
from shoplake.operations.source_check import FileCheck


def test_a_sound_lake_has_no_problems(shoplake, lake):
    result = shoplake("verify", "--config", lake)
    assert result.exit_code == 0
    assert result.stdout.startswith("No problems: ")


def test_a_lost_file_is_a_problem_and_exit_code_1(shoplake, filled):
    lost = next((filled.parent / "lake" / "silver" / "customers").rglob("*.parquet"))
    lost.unlink()
    result = shoplake("verify", "--config", filled)
    assert result.exit_code == 1
    first, last = result.stdout.splitlines()
    assert first.startswith("silver.customers: a data file is missing") and lost.name in first
    assert last == "1 problem in 1 table."
    problems = json.loads(shoplake("verify", "--config", filled, "--json").stdout)
    assert [problem["table"] for problem in problems["problems"]] == ["silver.customers"]


def test_a_lake_that_has_not_run_cannot_be_verified(shoplake, shop):
    result = shoplake("verify", "--config", shop)
    assert result.exit_code == 1
    assert "Create it: shoplake run" in result.stderr


def rendered(*checks: FileCheck) -> str:
    console = Console(width=80, record=True)
    SourceCheckView(checks).render(console)
    return console.export_text()


def test_a_file_that_differs_is_printed_with_what_to_do():
    advice = "1 are missing: the file is cut off. Download it again."
    text = rendered(FileCheck("events.csv", "fewer records", 9, 1, advice))
    assert f"events.csv: {advice}" in text
    assert "1 file not as published." in text


def test_files_as_published_are_one_line():
    assert rendered(FileCheck("events.csv", "published", 14)).endswith("All files are as published.\n")
