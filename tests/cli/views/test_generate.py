import json


def test_generate_says_what_it_wrote(shoplake, tmp_path):
    result = shoplake("generate", "--landing", tmp_path, "--events", 50, "--customers", 5, "--days", 2, "--json")
    said = json.loads(result.stdout)
    assert said["records"] == json.loads((tmp_path / "ground_truth.json").read_text())["lines"]
    assert said["bytes"] == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
