from shoplake.serve.store.quarantine_reasons import EXAMPLES, reason_rows


def test_a_reason_has_no_more_examples_than_fit_a_page():
    reason = {"table": "silver.events", "reason": "price_known", "records": 9, "oldest_at": None, "newest_at": None}

    [row] = reason_rows([reason | {"examples": [("", f"a.json:{n}") for n in range(9)]}]).read_all().to_pylist()

    assert row["examples"].split("; ") == ["a.json:0", "a.json:1", "a.json:2"] and EXAMPLES == 3


def test_a_lake_without_quarantined_records_has_no_rows():
    assert reason_rows([]).read_all().num_rows == 0
