import json
import os
from pathlib import Path

import pytest
from rich.console import Console

from shoplake.cli.console import PipeConsole
from shoplake.cli.output import emit, open_replacement, write_json


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


def test_a_file_stays_as_it_was_where_its_replacement_fails(tmp_path):
    output = tmp_path / "n.csv"
    output.write_text("n\n1\n")

    with pytest.raises(OSError, match="No space left"), open_replacement(output) as file:
        file.write(b"n\n")
        raise OSError(28, "No space left on device")

    assert [each.name for each in tmp_path.iterdir()] == ["n.csv"] and output.read_text() == "n\n1\n"


def test_a_file_behind_a_link_is_replaced_and_the_link_stays(tmp_path):
    (tmp_path / "link.csv").symlink_to("n.csv")

    with open_replacement(tmp_path / "link.csv") as file:
        file.write(b"n\n")

    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "n.csv").read_text() == "n\n"


def test_a_pipe_is_written_to_as_it_is(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    with open_replacement(tmp_path / "pipe") as file:
        file.write(b"n\n")

    assert os.read(reader, 100) == b"n\n"
    os.close(reader)
