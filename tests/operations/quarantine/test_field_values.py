import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplake.errors import LandingError
from shoplake.operations.quarantine.field_values import plain_csv, set_fields

ORDER = (
    '{"id":"o1","total":10.10,"big":12345678901234567890.123456789,"lines":[{"sku":"a","n":"two"},{"sku":"b","n":1}]}'
)


def test_a_field_gets_another_value_and_the_others_keep_every_digit():
    assert set_fields(ORDER, None, {"id": "o2"}) == ORDER.replace('"o1"', '"o2"')


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", "2"), ("2.50", "2.50"), ("null", "null"), ("two", '"two"'), ('"2"', '"2"'), ("[1]", '"[1]"')],
)
def test_a_value_is_read_as_json_where_it_is_one(text, value):
    assert set_fields('{"n":"x"}', None, {"n": text}) == f'{{"n":{value}}}'


def test_a_field_of_parts_is_set_in_each():
    changed = json.loads(set_fields(ORDER, None, {"n": "3"}))

    assert [line["n"] for line in changed["lines"]] == [3, 3]


def test_a_cell_of_a_csv_record_is_set_by_its_header():
    assert set_fields('c1;"Doe; Jo";x@y', "id;name;email", {"email": "a;b@c.d"}) == 'c1;"Doe; Jo";"a;b@c.d"'


def test_the_header_of_a_json_record_is_not_used():
    assert set_fields('{"n":1}', '["n"]', {"n": "2"}) == '{"n":2}'


@pytest.mark.parametrize(
    ("raw", "header", "expected"),
    [
        ("{broken", None, "no JSON object"),
        ("[1]", None, "no JSON object"),
        ('{"price":1}', None, "no field 'pric'. Did you mean 'price'?"),
        ("1,2", "price,n", "no column 'pric'. Did you mean 'price'?"),
        ("1,2,3", "price,n", "does not have the cells of its header"),
    ],
)
def test_a_record_without_the_field_is_an_error_that_says_what_it_has(raw, header, expected):
    with pytest.raises(LandingError) as error:
        set_fields(raw, header, {"pric": "1"})

    assert expected in str(error.value)


@given(st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.booleans() | st.none(), min_size=1))
def test_whatever_the_record_only_the_named_field_changes(record):
    raw, name = json.dumps(record), next(iter(record))
    if "\\u0000" in raw:
        return

    assert json.loads(set_fields(raw, None, {name: "7"})) == record | {name: 7}


@pytest.mark.parametrize(
    ("text", "header", "expected"),
    [
        ("1;2,5;x", "id,price,name", '1,"2,5",x'),
        ("1,2.5,x", "id,price,name", "1,2.5,x"),
        ("1;2", "id,price,name", "1;2"),
        ('{"a":1}', '["a", "b"]', '{"a":1}'),
        ("1;2", None, "1;2"),
    ],
)
def test_a_record_that_could_not_be_split_gets_the_delimiter_of_its_header(text, header, expected):
    assert plain_csv(text, header) == expected
