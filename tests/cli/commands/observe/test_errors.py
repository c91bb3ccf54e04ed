import json


def test_a_lake_whose_runs_have_succeeded_has_no_errors(shoplake, lake):
    assert shoplake("errors", "--config", lake).stdout == "No run ended with an error.\n"
    assert json.loads(shoplake("errors", "--last", "--config", lake, "--json").stdout) == []
