from dataclasses import replace
from pathlib import Path

from shoplake.cli.console import open_console
from shoplake.cli.views.deploy.pipeline import PipelineView
from shoplake.deploy.pipeline.write_pipeline import WrittenPipeline

WRITTEN = WrittenPipeline(Path("out"), ("silver.events",), {"gold.scores": "is written by hand"})


def test_a_table_that_is_left_out_is_named_with_the_reason(capsys):
    PipelineView(WRITTEN).render(open_console())

    text = capsys.readouterr().out
    assert "a pipeline of 1 table into out" in text
    assert "gold.scores is written by hand" in text and "spark-pipelines run" in text


def test_json_has_the_reasons_by_table():
    assert PipelineView(WRITTEN).to_json()["left_out"] == {"gold.scores": "is written by hand"}


def test_a_folder_with_a_space_can_be_typed(capsys):
    PipelineView(replace(WRITTEN, folder=Path("my out"))).render(open_console())

    assert "cd 'my out'" in capsys.readouterr().out
