import pytest

from shoplake.serve.dashboard.charts.interactive import bundle_script, script_name


def test_the_name_of_the_script_stays_the_same_with_its_content():
    assert script_name() == script_name() and script_name().endswith(".js")


@pytest.mark.slow
def test_the_script_has_the_library_and_reads_the_specification_of_the_page():
    script = bundle_script()

    assert len(script) > 500_000 and "chart-spec" in script
