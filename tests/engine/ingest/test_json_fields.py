import json

import pyarrow as pa
import pytest

from shoplake.engine.ingest import json_fields
from shoplake.engine.ingest.json_fields import FULL_SAMPLES, MOST_COUNTS, MOST_LARGER, SAMPLE_ROWS, sample_fields


def asked(*lines, seen=None):
    names, problems = sample_fields(pa.array(lines, pa.string()), set() if seen is None else seen)
    return names.to_pylist(), problems.to_pylist()


def test_the_first_record_of_each_shape_tells_its_fields():
    assert asked('{"a":1}', '{"a":2}', '{"b":1}')[0] == ['["a"]', None, '["b"]']


def test_a_shape_that_was_seen_before_is_not_told_again():
    seen = {("a",)}

    assert asked('{"a":1}', '{"b":1}', seen=seen)[0] == [None, '["b"]']
    assert seen == {("a",), ("b",)}


def test_names_keep_their_letters():
    assert asked('{"größe":1}')[0] == ['["größe"]']


def test_half_a_character_in_a_name_is_a_question_mark():
    names, problems = sample_fields(pa.array([r'{"a\ud800": 1, "\ud83d\ude00": 2}']), set())

    assert (names.to_pylist(), problems.to_pylist()) == (['["a?", "😀"]'], [None])


@pytest.mark.parametrize("line", ["[1]", '"a"', "1", "null", "{", "", "[" * 100_000])
def test_what_is_no_object_has_no_shape_and_no_repeats(line):
    assert asked(line) == ([None], [None])


@pytest.mark.parametrize("line", ['{"a":1,"a":2}', '{"x":{"a":1,"a":1}}', '{"x":[{"a":1,"a":null}]}'])
def test_a_repeated_key_is_found_at_any_depth(line):
    assert asked(line)[1] == ["duplicate_keys"]


def test_records_with_more_fields_than_usual_are_all_looked_at():
    plain, repeats = ['{"a":1}'] * (SAMPLE_ROWS // 2), ['{"a":1,"a":2}'] * (3 * FULL_SAMPLES)

    names, problems = asked(*plain, *repeats, '{"a":1,"b":2}')

    assert [place for place, problem in enumerate(problems) if problem] == list(
        range(len(plain), len(plain) + len(repeats))
    )
    assert [place for place, name in enumerate(names) if name] == [0, len(plain) + len(repeats)]


def test_of_records_that_all_have_other_numbers_of_fields_few_are_looked_at(monkeypatch):
    looked_at, keys = [], json_fields._keys
    monkeypatch.setattr(json_fields, "_keys", lambda text: looked_at.append(text) or keys(text))
    orders = [json.dumps({"items": [{"a": 1}] * (1 + number % 40)}) for number in range(SAMPLE_ROWS)]

    names, _ = asked(*orders, json.dumps({"items": [], "new": {}}))

    assert MOST_COUNTS < 40 <= len(looked_at) <= 40 + MOST_LARGER
    assert names.count('["items"]') == 1


def test_one_of_each_number_of_fields_is_looked_at_where_there_are_many(monkeypatch):
    monkeypatch.setattr(json_fields, "MOST_LARGER", 1)
    orders = [json.dumps({"items": [{"a": 1}] * (1 + number % 40)}) for number in range(SAMPLE_ROWS - 1)]

    names, _ = asked(*orders, json.dumps({"items": [{"a": 1}] * 60, "new": {}}))

    assert names[-1] == '["items", "new"]'


def test_a_record_with_fewer_fields_is_found_among_many():
    names, _ = asked(*['{"a":1,"b":1}'] * (SAMPLE_ROWS - 1), '{"a":1}')

    assert names[-1] == '["a"]'


def test_only_some_records_of_the_usual_size_are_looked_at():
    names, _ = asked(*['{"a":1}'] * FULL_SAMPLES, '{"hidden":1}')

    assert names[-1] is None


def test_only_the_head_of_a_block_is_looked_at():
    names, problems = asked(*['{"a":1}'] * SAMPLE_ROWS, '{"b":1,"b":2}')

    assert (names[-1], problems[-1]) == (None, None)


def test_no_records_have_no_shapes():
    assert asked() == ([], [])
