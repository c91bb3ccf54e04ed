from shoplake.serve.answers.query.parameters import clamp, describe_parameters
from shoplake.serve.answers.sales import SalesQuery


def test_each_parameter_of_a_query_has_a_description():
    described = describe_parameters(SalesQuery)

    assert list(described) == ["since", "until", "grain", "by", "only", "compare", "feed", "currency"]
    assert described["by"] == "Dimension to break down by."


def test_a_limit_is_neither_negative_nor_more_than_the_maximum():
    assert (clamp(-1), clamp(7), clamp(10**9)) == (0, 7, 100_000)
