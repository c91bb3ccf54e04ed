import ast
from pathlib import Path

import pytest
from slow_tests import SLOW

TESTS = Path(__file__).parent


@pytest.mark.parametrize(("file", "name"), sorted(SLOW), ids=lambda each: each[:40])
def test_a_slow_test_exists(file, name):
    functions = {
        each.name for each in ast.walk(ast.parse((TESTS / file).read_text())) if isinstance(each, ast.FunctionDef)
    }

    assert name.partition("[")[0] in functions
