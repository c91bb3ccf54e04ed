import json

from cli.conftest import ground_truth_of


def test_generate_counts_the_records_and_bytes_it_wrote(shoplake, tmp_path):
    result = shoplake("generate", "--landing", tmp_path, "--events", 50, "--customers", 5, "--days", 2, "--json")
    output = json.loads(result.stdout)
    assert output["records"] == ground_truth_of(tmp_path)["lines"]
    assert output["bytes"] == sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())


def test_generate_prints_a_line_per_stream_and_what_to_do_next(shoplake, tmp_path):
    output = shoplake("generate", "--landing", tmp_path, "--events", 50, "--customers", 5, "--days", 2).stdout
    streams = ground_truth_of(tmp_path)["files"]
    assert {line.split()[0] for line in output.splitlines() if line.strip()} >= streams.keys()
    assert " events/s. Ground truth: " in output and "shoplake run" in output
