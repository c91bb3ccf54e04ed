from pathlib import Path

from shoplake.cli.console import open_console
from shoplake.cli.views.deploy.generated_files import GeneratedFilesView

VIEW = GeneratedFilesView([Path("units/a.service")], ["systemctl start a"])


def test_files_and_next_steps_are_printed(capsys):
    VIEW.render(open_console())

    assert capsys.readouterr().out.splitlines() == ["Wrote units/a.service.", "", "Next", "  systemctl start a"]


def test_they_are_lists_in_json():
    assert VIEW.to_json() == {"files": ["units/a.service"], "next_steps": ["systemctl start a"]}
