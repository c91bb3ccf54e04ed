import pytest

from shoplake.columns.record_place import record_id_of
from shoplake.errors import LandingError
from shoplake.operations.quarantine.correction_check import EarlierDecisions, check_correction
from shoplake.operations.quarantine.corrections import Correction

RECORD = {"record_id": "a1", "feed": "shop", "file": "a.csv", "line": 3, "reasons": ["price_fits_type"]}


def decided(record_id, decision="fixed", fix_id="f1"):
    return {"record_id": record_id, "decision": decision, "fix_id": fix_id}


def test_a_record_is_corrected_once():
    with pytest.raises(LandingError, match="a1 was corrected before"):
        check_correction(Correction("a1", "x"), RECORD, EarlierDecisions.of([decided("a1")], "f2"))


def test_the_same_file_again_and_a_discarded_record_are_taken():
    decisions = [decided("a1", fix_id="f2"), decided("a1", "discarded", None)]

    check_correction(Correction("a1", "x"), RECORD, EarlierDecisions.of(decisions, "f2"))


@pytest.mark.parametrize("decision", ["fixed", "discarded"])
def test_a_text_that_was_decided_about_is_refused_because_it_would_not_count(decision):
    earlier = record_id_of("shop", "a.csv", 3, "x")

    with pytest.raises(LandingError, match="text that was corrected or discarded before"):
        check_correction(Correction("a1", "x"), RECORD, EarlierDecisions.of([decided(earlier, decision)], "f2"))


def test_a_file_that_was_misread_is_landed_again():
    record = RECORD | {"reasons": ["not_json"]}

    with pytest.raises(LandingError, match=r"a.csv is no JSON document.* Land the corrected file under a new name"):
        check_correction(Correction("a1", "x"), record, EarlierDecisions.of([], "f2"))
