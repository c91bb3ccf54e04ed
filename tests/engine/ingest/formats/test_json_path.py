import pytest

from shoplake.engine.ingest.formats.json_path import PathNotFoundError, elements

NESTED = '[{"o": [{"i": [1]}, {"i": []}, 5]}, {"x": 0}, {"o": null}]'


def test_elements_on_the_way_that_have_nothing_at_the_path_are_in_their_places():
    found = list(elements(NESTED, "$[*].o[*].i[*]"))

    assert [(text, is_found) for _, text, is_found in found] == [("1", True), ("5", False), ('{"x": 0}', False)]
    assert all(NESTED.startswith(text, start) for start, text, _ in found)


@pytest.mark.parametrize(
    ("text", "path"), [("[{}]", "$[*].a"), ('{"a": [{"b": 1}]}', "$.a[*].c[*]"), ("{}", "$.a"), ("1", "$[*]")]
)
def test_nothing_at_a_path_is_an_error(text, path):
    with pytest.raises(PathNotFoundError):
        list(elements(text, path))


@pytest.mark.parametrize(("text", "path"), [("[]", "$[*].a"), ("null", "$[*].a"), ('{"a": []}', "$.a[*].b[*]")])
def test_an_empty_list_has_no_records(text, path):
    assert list(elements(text, path)) == []
