import ast

import pytest

from shoplake.deploy.templates import fill, literal


def test_values_are_filled_in_and_dollars_stay(tmp_path):
    (tmp_path / "a.txt").write_text("$one $${{ two }}")

    assert fill(tmp_path / "a.txt", one="1") == "1 ${{ two }}"


def test_a_template_without_a_value_is_an_error(tmp_path):
    (tmp_path / "a.txt").write_text("$one")

    with pytest.raises(KeyError, match="one"):
        fill(tmp_path / "a.txt")


@pytest.mark.parametrize("text", ["a", "it's", 'a "b"', "a\\b", "naïve", "two\nlines"])
def test_a_literal_is_the_text(text):
    assert ast.literal_eval(literal(text)) == text
