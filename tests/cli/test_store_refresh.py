import io

import pytest
from rich.console import Console

from shoplake.cli.store_refresh import refresh_store
from shoplake.serve import build_process
from shoplake.settings.serve_settings import ServeSettings


@pytest.fixture
def refresh(tmp_path, monkeypatch):
    """Refreshes a store by a build with this result; returns what was printed, and how many builds there were."""

    def refresh(has_store, result=(0, "Store: 1 table written."), lake="lake"):
        builds, settings = [], ServeSettings(folder=str(tmp_path))
        monkeypatch.setattr(build_process, "run_build", lambda config: builds.append(config) or result)
        if has_store:
            store = settings.store_folder(str(tmp_path / "lake"))
            store.mkdir(parents=True, exist_ok=True)
            (store / "current").write_text("{}")
        output = io.StringIO()
        refresh_store(Console(file=output), settings, str(tmp_path / lake), tmp_path / "shoplake.toml")
        return output.getvalue(), len(builds)

    return refresh


def test_a_lake_that_was_never_served_has_nothing_to_refresh(refresh):
    assert refresh(has_store=False) == ("", 0)


def test_a_run_of_a_copy_of_the_lake_refreshes_no_store(refresh):
    assert refresh(has_store=True, lake="copy") == ("", 0)


def test_a_store_is_built_and_its_result_printed(refresh):
    assert refresh(has_store=True) == ("Store: 1 table written.\n", 1)


def test_a_failed_build_is_printed_and_raises_nothing(refresh):
    text, _ = refresh(has_store=True, result=(1, "Error: no."))

    assert text == "The store was not refreshed. Error: no.\n"
