import re
from pathlib import Path

import pytest

import shoplake
from shoplake.engine.crash_hooks import ACTIONS, CRASH_POINTS, crash_points, set_crash_hook


@pytest.fixture
def passed():
    """The names of the crash points that are reached."""
    names = []
    set_crash_hook(names.append)
    yield names
    set_crash_hook(None)


def test_the_places_before_and_after_an_action_are_reached_in_order(passed):
    with crash_points("append"):
        passed.append("the action")

    assert passed == ["before_append", "the action", "after_append"]


def test_an_action_that_fails_does_not_reach_the_place_after_it(passed):
    with pytest.raises(ValueError, match="oops"), crash_points("append"):
        raise ValueError("oops")

    assert passed == ["before_append"]


def test_without_a_hook_a_decorated_function_does_what_it_does():
    assert crash_points("append")(lambda number: number + 1)(1) == 2


def test_the_list_names_each_action_in_the_code_and_no_other():
    source = Path(shoplake.__file__).parent.rglob("*.py")
    used = {name for path in source for name in re.findall(r'crash_points\("(\w+)"\)', path.read_text())}

    assert used == set(ACTIONS)
    assert len(CRASH_POINTS) == 2 * len(ACTIONS)
