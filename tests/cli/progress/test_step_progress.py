import io

from rich.console import Console

from shoplake.cli.progress.step_progress import StepProgressView


def test_the_table_in_progress_is_shown_with_how_many_are_done():
    view = StepProgressView(Console(file=io.StringIO()), "maintaining")

    lines = [view.line()]
    for table in ("silver.events", "gold.rfm", "gold.carts"):
        view.started(table)
        lines.append(view.line(table))

    assert lines == [
        "maintaining",
        "maintaining silver.events",
        "maintaining gold.rfm (1 step done)",
        "maintaining gold.carts (2 steps done)",
    ]


def test_a_terminal_has_a_spinner_and_a_pipe_nothing():
    terminal, pipe = Console(file=io.StringIO(), force_terminal=True, width=80), Console(file=io.StringIO())
    for console in (terminal, pipe):
        with StepProgressView(console, "maintaining") as view:
            view.started("silver.events")

    assert "maintaining silver.events" in terminal.file.getvalue() and pipe.file.getvalue() == ""
