import json


def test_a_lake_is_cloned_once_into_a_folder(shoplake, filled, tmp_path):
    cloned = json.loads(shoplake("clone", tmp_path / "clone", "--config", filled, "--json").stdout)
    again = shoplake("clone", tmp_path / "clone", "--config", filled)

    assert cloned["lake"] == str(tmp_path / "clone") and cloned["linked"] > 0
    assert again.exit_code == 1 and "exists already" in again.stderr
