from shoplake.serve.dashboard.charts.line_chart import NARROW, WIDE, LineChart, Point

CHART = LineChart("Sales", [Point("1 Apr", 5.0, 4.0, ("1 Apr", "£5 <b>")), Point("2 Apr", 7.0, None, is_marked=True)])


def test_a_specification_has_its_rows_inside_and_reads_nothing_else():
    spec = CHART.spec(WIDE)

    assert [row["now"] for row in spec["data"]["values"]] == [5.0, 7.0]
    assert "url" not in str(spec["data"])


def test_both_widths_fill_their_screen():
    assert [CHART.spec(width)["width"] < width for width in (WIDE, NARROW)] == [True, True]


def test_a_chart_without_days_before_has_no_line_of_them():
    alone = LineChart("Sales", [Point("1 Apr", 5.0)])

    assert len(CHART.spec(WIDE)["layer"]) - len(alone.spec(WIDE)["layer"]) == 1
    assert len(CHART.interactive_spec()["layer"]) - len(alone.interactive_spec()["layer"]) == 1


def test_each_period_of_a_wide_chart_has_a_read_out_as_plain_text():
    svg = CHART.read_outs(WIDE)

    assert svg.count('<g class="ro">') == 2
    assert "£5 &lt;b&gt;" in svg
    assert CHART.read_outs(NARROW) == ""


def test_long_ranges_have_as_many_labels_as_fit():
    chart = LineChart("Sales", [Point(str(n), 1.0) for n in range(90)])

    assert len(chart.spec(NARROW)["encoding"]["x"]["axis"]["values"]) <= 4


def test_a_band_is_drawn_where_points_have_one_instead_of_the_area_below_the_line():
    chart = LineChart("Rows", [Point("1 Apr", 5.0), Point("2 Apr", 7.0, band=(4.0, 6.0))])

    [band, line, *_] = chart.spec(WIDE)["layer"]

    assert (band["encoding"]["y"]["field"], band["encoding"]["y2"]["field"]) == ("low", "high")
    assert line["mark"]["type"] == "line"
    assert [row.get("high") for row in chart.spec(WIDE)["data"]["values"]] == [None, 6.0]


def test_a_line_that_is_zero_everywhere_is_at_the_foot_of_the_chart():
    flat, usual = (LineChart("Sales", [Point("1 Apr", now), Point("2 Apr", 0.0)]) for now in (0.0, 3.0))

    assert flat.spec(WIDE)["layer"][0]["encoding"]["y"]["scale"] == {"domain": [0, 1]}
    assert "scale" not in usual.spec(WIDE)["layer"][0]["encoding"]["y"]
