import pytest

from shoplake.errors import LandingError
from shoplake.operations.quarantine.correction_check import EarlierDecisions, check_correction

RECORD = {"record_id": "a1", "feed": "shop", "file": "a.csv", "line": 3, "reasons": ["price_fits_type"]}


def decided(record_id, decision="fixed", fix_id="f1"):
    return {"record_id": record_id, "decision": decision, "fix_id": fix_id}


def test_a_record_is_corrected_once():
    with pytest.raises(LandingError, match="a1 was corrected before"):
        check_correction(RECORD, ["new"], EarlierDecisions.of([decided("a1")], "f2"))


def test_the_same_file_again_and_a_discarded_record_are_taken():
    decisions = [decided("a1", fix_id="f2"), decided("a1", "discarded", None)]

    check_correction(RECORD, ["new"], EarlierDecisions.of(decisions, "f2"))


@pytest.mark.parametrize("decision", ["fixed", "discarded"])
def test_a_text_that_was_decided_about_is_refused_because_it_would_not_count(decision):
    with pytest.raises(LandingError, match="text that was corrected or discarded before"):
        check_correction(RECORD, ["part", "new"], EarlierDecisions.of([decided("new", decision)], "f2"))


def test_a_file_that_was_misread_is_landed_again():
    record = RECORD | {"reasons": ["not_json"]}

    with pytest.raises(LandingError, match=r"a.csv is no JSON document.* Land the corrected file under a new name"):
        check_correction(record, ["new"], EarlierDecisions.of([], "f2"))
