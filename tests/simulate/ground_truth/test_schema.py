from typing import get_type_hints

from shoplake.simulate import Truth, generate
from shoplake.simulate.ground_truth.schema import Arguments, Payments, Sales


def test_what_is_told_has_the_names_that_are_declared(tmp_path):
    truth = generate(tmp_path, events=200, customers=10, products=10, days=2)

    assert truth.keys() == get_type_hints(Truth).keys()
    assert truth["arguments"].keys() == get_type_hints(Arguments).keys()
    assert truth["payments"].keys() == get_type_hints(Payments).keys()
    assert {each.keys() == get_type_hints(Sales).keys() for each in truth["sales_daily"].values()} == {True}
