import json

from shoplake.serve.dashboard.charts.drawn_charts import FILE, DrawnCharts, write_charts


def test_a_drawn_chart_is_found_by_its_specification(tmp_path):
    write_charts(tmp_path, {"{}": "<svg/>"})
    charts = DrawnCharts(tmp_path)

    assert (charts.find("{}"), charts.find("[]")) == ("<svg/>", None)


def test_replaced_charts_are_read_again(tmp_path):
    charts = DrawnCharts(tmp_path)
    assert charts.find("{}") is None
    for svg in ("<svg/>", "<svg></svg>"):
        write_charts(tmp_path, {"{}": svg})
        assert charts.find("{}") == svg


def test_charts_of_another_version_of_the_library_are_drawn_again(tmp_path):
    write_charts(tmp_path, {"{}": "<svg/>"})
    values = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(values | {"renderer": "0"}))

    assert DrawnCharts(tmp_path).find("{}") is None


def test_a_file_that_cannot_be_read_has_no_charts(tmp_path):
    (tmp_path / FILE).write_text("{")

    assert DrawnCharts(tmp_path).find("{}") is None
