import io
from pathlib import Path

from rich.console import Console

from shoplake.cli.views.maintain.clone import CloneView
from shoplake.engine.storage.upkeep.clone_files import ClonedFiles


def test_a_clone_is_printed_with_its_files_and_how_to_use_it():
    console = Console(file=io.StringIO(), width=200)
    view = CloneView(ClonedFiles(1_200, 3, 2_500_000), Path("/tmp/my lake"), Path("shoplake.toml"))

    view.render(console)

    output = console.file.getvalue()
    assert output.startswith("Cloned into /tmp/my lake: 1,200 files linked, 3 files copied (2.5 MB).\n")
    assert "SHOPLAKE_LAKE='/tmp/my lake' " in output
    assert view.to_json() == {"lake": "/tmp/my lake", "linked": 1_200, "copied": 3, "copied_size": 2_500_000}
