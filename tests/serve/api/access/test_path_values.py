import pytest

from shoplake.serve.api.access.path_values import mark_slashes, restore_slashes, sent_path


def scope_of(raw):
    return {"path": "as the server decodes it", "raw_path": raw}


@pytest.mark.parametrize("raw", [b"/v1/customers/a%2Fb%20c/360", b"/v1/customers/a%2fb%20c/360?feed=x%2Fy"])
def test_an_encoded_slash_belongs_to_its_value(raw):
    scope = scope_of(raw)

    mark_slashes(scope)

    assert restore_slashes({"customer": scope["path"].split("/")[3]}) == {"customer": "a/b c"}
    assert sent_path(scope) == "/v1/customers/a%2Fb%20c/360"


def test_an_encoded_percent_sign_is_no_slash():
    scope = scope_of(b"/products/50%252F")

    mark_slashes(scope)

    assert scope["path"] == "as the server decodes it"


def test_a_path_is_sent_with_what_would_end_it_encoded():
    assert sent_path({"path": "/products/what?#50%"}) == "/products/what%3F%2350%25"
