from shoplake.listed_names import list_some


def test_of_many_names_some_are_listed_and_the_others_counted():
    assert list_some(["a", "b"], 2) == "a, b"
    assert list_some(["a", "b", "c", "d"], 2) == "a, b and 2 more"
