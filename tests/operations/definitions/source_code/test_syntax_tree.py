import ast
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shoplake.operations.definitions.source_code.syntax_tree import parse_source

TEXT = Path(__file__).read_text(encoding="utf-8")


@pytest.fixture
def interrupted():
    """Threads take turns within a parse too, as they do where a finalizer runs in it."""

    def take_turns(*_):
        for _ in range(3):
            pass

    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    gc.callbacks.append(take_turns)
    yield
    gc.callbacks.remove(take_turns)
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("interrupted")
def test_threads_that_parse_at_once_get_the_tree_of_one_that_parses_alone():
    alone = ast.dump(parse_source(TEXT))

    with ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(parse_source, [TEXT] * 150))

    assert {ast.dump(tree) for tree in trees[::30]} == {alone}
