import pytest

from shoplake.errors import SettingsError
from shoplake.settings.settings_section import InvalidValueError, Section, size


def test_texts_and_pairs_keep_their_order():
    section = Section({"use": ["b", "a"], "events": {"z": "y", "b": "a"}})

    assert section.texts("use") == ("b", "a")
    assert section.section("events").texts_by_name() == (("z", "y"), ("b", "a"))


@pytest.mark.parametrize("value", ["a", [1], [""]])
def test_what_is_no_list_of_texts_is_refused(value):
    with pytest.raises(InvalidValueError, match="must be a list of texts"):
        Section({"use": value}).texts("use")


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), (7, 7), ("2 B", 2), ("1 KB", 1000), ("1KiB", 1024), ("1.5 gb", 1_500_000_000), (" 4 GiB ", 4 * 2**30)],
)
def test_a_size_is_a_number_of_bytes(text, number):
    assert size(text, "memory") == number


@pytest.mark.parametrize("text", ["", "0", "-1 GB", "GB", "1 PB", "1,5 GB", "1 GB x", None, "1 G B", "nan"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(SettingsError, match="is no size"):
        size(text, "memory")
