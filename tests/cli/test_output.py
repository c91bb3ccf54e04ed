import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.console import PipeConsole
from shoplake.cli.output import emit, write_json


class Answer:
    def render(self, console: Console) -> None:
        console.print("the answer is 42")

    def to_json(self) -> dict[str, int]:
        return {"answer": 42}


def test_a_view_is_printed_or_written_as_json(capsys):
    emit(Answer(), False)
    assert capsys.readouterr().out == "the answer is 42\n"
    emit(Answer(), True)
    assert json.loads(capsys.readouterr().out) == {"answer": 42}


@pytest.fixture
def closed_pipe():
    """The writing end of a pipe whose reader is gone."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        yield stream


def test_json_for_a_reader_that_is_gone_is_discarded(closed_pipe, monkeypatch):
    monkeypatch.setattr("sys.stdout", closed_pipe)
    write_json({"rows": 1})
    write_json({"rows": 2}, indent=None)
    assert os.fstat(closed_pipe.fileno()).st_rdev == Path(os.devnull).stat().st_rdev


def test_a_console_whose_reader_is_gone_stays_silent(closed_pipe):
    console = PipeConsole(file=closed_pipe)
    console.print("one")
    console.print("two")
    assert console.quiet
