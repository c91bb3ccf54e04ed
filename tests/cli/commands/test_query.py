import pytest

from cli.commands.lake.test_run import run_into_closed_pipe
from shoplake.cli.commands import query


def test_parquet_is_not_written_to_a_terminal(shoplake, lake, monkeypatch):
    monkeypatch.setattr(query.sys, "stdout", Terminal())
    with pytest.raises(query.click.UsageError, match=r"Parquet is binary\. Name a file with --output"):
        query.sql.callback("SELECT 1", "parquet", None, 40, lake)


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.slow
def test_a_query_whose_reader_is_gone_ends_with_exit_code_0(lake):
    words = ["sql", "SELECT * FROM silver.events", "--format", "csv", "--config", lake]
    with run_into_closed_pipe(words) as process:
        stderr = process.communicate(timeout=120)[1]
    assert (process.returncode, stderr) == (0, "")
