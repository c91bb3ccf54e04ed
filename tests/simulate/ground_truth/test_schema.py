from typing import get_type_hints

from shoplake.simulate import GroundTruth, generate
from shoplake.simulate.ground_truth.schema import Arguments, Payments, Sales


def test_the_ground_truth_has_the_names_that_are_declared(tmp_path):
    ground_truth = generate(tmp_path, events=200, customers=10, products=10, days=2)

    assert ground_truth.keys() == get_type_hints(GroundTruth).keys()
    assert ground_truth["arguments"].keys() == get_type_hints(Arguments).keys()
    assert ground_truth["payments"].keys() == get_type_hints(Payments).keys()
    assert {each.keys() == get_type_hints(Sales).keys() for each in ground_truth["sales_daily"].values()} == {True}
