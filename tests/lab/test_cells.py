import json

from shoplake.cli.lab.cells import Cell, notebook_cells, percent_cells, to_databricks, to_notebook, to_percent

TEXT = """# %% [markdown] tags=["question"]
# # A title
#
# Some text.

# %% tags=["mistake"] hint="a = [header]"
rows = 1

print(rows)
"""


def test_percent_cells_are_read_with_their_tags_and_options():
    question, mistake = percent_cells(TEXT)

    assert question == Cell("# A title\n\nSome text.", True, ("question",), {}, 2)
    assert mistake == Cell("rows = 1\n\nprint(rows)", False, ("mistake",), {"hint": "a = [header]"}, 7)


def test_percent_cells_are_written_as_they_were_read():
    assert to_percent(percent_cells(TEXT)) == TEXT


def test_a_notebook_has_the_same_cells():
    notebook = to_notebook(percent_cells(TEXT))

    assert [(each.source, each.is_markdown, each.tags) for each in notebook_cells(notebook)] == [
        (each.source, each.is_markdown, each.tags) for each in percent_cells(TEXT)
    ]
    assert json.loads(notebook)["nbformat"] == 4


def test_a_databricks_notebook_has_magic_lines_for_markdown():
    assert to_databricks(percent_cells(TEXT)) == (
        "# Databricks notebook source\n"
        "# MAGIC %md\n# MAGIC # A title\n# MAGIC\n# MAGIC Some text.\n\n"
        "# COMMAND ----------\n\n"
        "rows = 1\n\nprint(rows)\n"
    )
