import io
from pathlib import Path

from rich.console import Console

from shoplake.cli.views.quality.report import ReportView


def test_a_report_is_its_path_and_size():
    console = Console(file=io.StringIO(), width=100)
    view = ReportView(Path("report/index.html"), 63_400)
    view.render(console)

    assert console.file.getvalue() == "report/index.html (63 kB)\n"
    assert view.to_json() == {"path": "report/index.html", "bytes": 63_400}
