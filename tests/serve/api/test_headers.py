from shoplake.serve.api.headers import find_header, has_header

SCOPE = {"headers": [(b"accept", b"text/csv"), (b"x-name", "é".encode("latin-1")), (b"accept", b"*/*")]}


def test_the_first_header_of_a_name_counts():
    assert find_header(SCOPE, b"accept") == "text/csv"


def test_a_header_is_read_as_latin_1():
    assert find_header(SCOPE, b"x-name") == "é"


def test_an_absent_header_has_the_default():
    assert (find_header(SCOPE, b"cookie", "none"), has_header(SCOPE, b"cookie")) == ("none", False)
    assert has_header(SCOPE, b"accept")
