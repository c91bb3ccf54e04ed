import json
from collections import Counter


def is_json(line):
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def test_faults_of_each_kind_are_as_many_as_the_ground_truth_says(faulty):
    lines, causes = faulty.lines("orders"), faulty.ground_truth["quarantined"]["orders"]
    bodies = [json.loads(line) for line in lines if is_json(line)]

    assert sum(not is_json(line) for line in lines) == causes["malformed"] > 0
    assert sum(body["id"] is None for body in bodies) == causes["no_id"] > 0
    assert sum("free" in json.dumps(body) for body in bodies) == causes["bad_amount"] > 0
    assert sum(body["test"] for body in bodies) == causes["test"] > 0


def test_a_record_is_sent_again_as_it_was_or_as_it_had_been(faulty):
    again = Counter(filter(is_json, faulty.lines("orders")))

    repeats = sum(count - 1 for count in again.values())
    assert repeats == sum(faulty.ground_truth["duplicates"]["orders"].values()) > 0


def test_faults_do_not_change_what_is_true(clean, faulty):
    for name in ("sales_daily", "payments_daily", "products", "customers", "refunds"):
        assert faulty.ground_truth[name] == clean.ground_truth[name]
