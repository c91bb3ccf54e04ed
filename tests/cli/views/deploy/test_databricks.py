from dataclasses import replace
from pathlib import Path

from rich.console import Console

from shoplake.cli.views.deploy.databricks import BundleView
from shoplake.deploy.databricks.write_bundle import WrittenBundle

BUNDLE = WrittenBundle("my_shop", Path("out"), ("README.md", "databricks.yml"))


def test_the_output_says_what_was_written_and_how_to_go_on():
    console = Console(record=True, width=100)

    BundleView(BUNDLE).render(console)

    text = console.export_text()
    assert "Wrote the bundle my_shop: 2 files in out." in text
    assert "databricks bundle deploy -t dev" in text


def test_json_has_the_files():
    assert BundleView(BUNDLE).to_json() == {
        "name": "my_shop",
        "folder": "out",
        "files": ["README.md", "databricks.yml"],
    }


def test_a_folder_with_a_space_can_be_typed():
    console = Console(record=True, width=100)

    BundleView(replace(BUNDLE, folder=Path("my out"))).render(console)

    assert "cd 'my out'" in console.export_text()
