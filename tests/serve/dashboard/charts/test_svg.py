import pytest

from shoplake.serve.dashboard.charts.svg import label_svg, shrink_svg


def test_what_has_no_effect_is_removed_and_numbers_are_rounded():
    svg = '<svg><g class="a" role="x" style="color:red"><path d="M1.2345 2.000L3 4" opacity="1"/></g><g> </g></svg>'

    assert shrink_svg(svg) == '<svg><g><path d="M1.2 2L3 4"/></g></svg>'


@pytest.mark.parametrize("element", ["script", "foreignObject", "style", "a", "image"])
def test_a_drawing_with_another_element_is_refused(element):
    with pytest.raises(ValueError, match="no drawing"):
        shrink_svg(f"<svg><{element}></{element}></svg>")


def test_a_drawing_gets_its_size_and_its_name():
    svg = label_svg('<svg width="9"><g/></svg>', 'Sales "now"', 10, 5, "<g/>")

    assert svg == '<svg viewBox="0 0 10 5" role="img" aria-label="Sales &quot;now&quot;"><g/><g/></svg>'
