from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from shoplake.cli.main import main

if TYPE_CHECKING:
    from click.testing import Result

COMMANDS = sorted(main.commands)


def shoplake(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], prog_name="shoplake")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command):
    assert f"Example: shoplake {command}" in shoplake(command, "--help").output


def test_every_command_has_one_whole_line_in_the_overview():
    _, _, commands = shoplake("--help").output.partition("Commands:")
    assert all(f"\n  {command} " in commands for command in COMMANDS)
    assert "..." not in commands


def test_the_overview_loads_no_engine():
    heavy = "{'pyspark', 'pyarrow', 'deltalake', 'pandas', 'rich'} & set(sys.modules)"
    code = f"import sys, shoplake.cli.main; sys.exit(str({heavy} or ''))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert process.stderr.strip() == ""


@pytest.mark.parametrize("command", ["run", "tables", "quality", "verify"])
def test_missing_settings_are_one_line_and_exit_code_1(command, tmp_path):
    result = shoplake(command, "--config", tmp_path / "none.toml")
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("Error: There is no") and "shoplake init" in line
