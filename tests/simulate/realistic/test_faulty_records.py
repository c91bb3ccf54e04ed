import json
from collections import Counter

import pytest

from shoplake.simulate.realistic import generate_realistic


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faulty")
    generate_realistic(folder, orders=120, customers=60, products=40, days=10, error_rate=0.05)
    return folder


def texts(landing, stream):
    return [line for path in sorted((landing / stream).glob("*")) for line in path.read_text().splitlines()]


def is_json(text):
    try:
        return bool(json.loads(text))
    except ValueError:
        return False


def test_lines_that_are_cut_are_as_many_as_the_ground_truth_has(landing):
    quarantined = json.loads((landing / "ground_truth.json").read_text())["quarantined"]

    for stream in ("events", "orders"):
        cut = sum(not is_json(text) for text in texts(landing, stream))
        assert cut == quarantined[stream]["cut_json"] > 0


def test_repeated_lines_are_as_many_as_the_ground_truth_has(landing):
    duplicates = json.loads((landing / "ground_truth.json").read_text())["duplicates"]

    for stream in ("events", "orders", "refunds"):
        repeated = sum(count - 1 for count in Counter(filter(is_json, texts(landing, stream))).values())
        assert repeated == duplicates[stream]["exact"] > 0


def test_weekly_files_have_no_faulty_records(tmp_path):
    with pytest.raises(ValueError, match="error_rate needs daily files: at most 92 days, not 93"):
        generate_realistic(tmp_path, orders=10, customers=10, days=93, error_rate=0.1)
