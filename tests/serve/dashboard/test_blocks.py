from shoplake.serve.dashboard.blocks import Chart, Origin, Table


def test_a_chart_has_the_origin_of_its_table():
    origin = Origin("gold.t", 1, "today", "1 hour old", "One row per day.")
    table = Table("Sales", ["Day"], [], origin)

    assert Chart("Sales", "<svg/>", "<svg/>", table).origin is origin
