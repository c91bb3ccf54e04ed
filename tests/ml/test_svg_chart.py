from xml.etree import ElementTree

from shoplake.ml.svg_chart import Line, line_chart


def test_a_chart_is_well_formed_and_names_its_lines_and_axes():
    svg = line_chart("A & B", "share <x>", "y", [Line("one", [[0, 0], [1, 2]]), Line("two", [[0, 1]], is_dashed=True)])

    root = ElementTree.fromstring(svg)
    texts = [each.text for each in root.iter("text")]
    assert {"A & B", "share <x>", "one", "two"} <= set(texts)
    assert len(list(root.iter("polyline"))) == 2


def test_the_greatest_point_lies_in_the_upper_right_corner():
    svg = line_chart("t", "x", "y", [Line("one", [[0, 0], [1, 2]])])

    assert 'points="44.0,236.0 376.0,44.0"' in svg
